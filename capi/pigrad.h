/* pigrad in C: policies trained in a program's own environment, and policies that act.
 *
 * C99, and C++. Every function that can fail gives a pigrad_code, PIGRAD_OK where all went well, and, where `error` is
 * not null, one line of words in it: what, where, and the cure. No exception and no signal leaves the library, and what
 * failed changed nothing, unless said. There are no globals: handles know nothing of each other, so different threads
 * may use different handles at once. One trainer, or one settings, is for one thread at a time. A policy may be used by
 * any number of threads at once.
 *
 * Memory that a function gives belongs to the caller, who gives it back to the _free of its kind; those take null.
 */
#ifndef PIGRAD_H
#define PIGRAD_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && defined(PIGRAD_BUILDS_SHARED)
#define PIGRAD_API __declspec(dllexport)
#elif defined(_WIN32) && defined(PIGRAD_SHARED)
#define PIGRAD_API __declspec(dllimport)
#elif defined(__GNUC__)
#define PIGRAD_API __attribute__((visibility("default")))
#else
#define PIGRAD_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Of this header. It grows with every addition; the shared library's soname changes where a program would have to. */
#define PIGRAD_API_VERSION 1

typedef enum pigrad_code {
  PIGRAD_OK = 0,
  PIGRAD_REFUSED = 1,    /* a value, a setting, a file or a call that does not fit; see the words */
  PIGRAD_NOT_FINITE = 2, /* a loss or gradient was not finite; parameters are as they were before that step */
  PIGRAD_NO_MEMORY = 3,
  PIGRAD_STOPPED = 4, /* a callback asked for it */
  PIGRAD_INTERNAL = 5 /* a fault of the library */
} pigrad_code;

typedef struct pigrad_error {
  pigrad_code code;
  char words[508];
} pigrad_error;

/* Of the library that is linked: its interface, and its release, as in "0.1.0". */
PIGRAD_API int32_t pigrad_api_version(void);
PIGRAD_API const char* pigrad_version(void);

/* ---- settings: those of `pigrad train`, by the same names ---- */

typedef struct pigrad_settings pigrad_settings;

/* The defaults. */
PIGRAD_API pigrad_code pigrad_settings_new(pigrad_settings** settings, pigrad_error* error);
PIGRAD_API void pigrad_settings_free(pigrad_settings* settings);
/* "algorithm" "ppo", "policy.network.hidden" "64,64", "gamma" "0.99". Refused: unknown names, wrong values. */
PIGRAD_API pigrad_code pigrad_settings_set(pigrad_settings* settings, const char* key, const char* value,
                                           pigrad_error* error);
/* The value as text, ended by 0, into text[size]. Refused where it does not fit. */
PIGRAD_API pigrad_code pigrad_settings_get(const pigrad_settings* settings, const char* key, char* text, size_t size,
                                           pigrad_error* error);

/* ---- a host program's environment ---- */

typedef struct pigrad_task {
  int32_t api_version;           /* PIGRAD_API_VERSION; newer than the library's: refused */
  const char* name;              /* of the environment, for words */
  int32_t observations;          /* features of an observation */
  const double* observation_low; /* [observations], or null: none has a bound */
  const double* observation_high;
  int32_t choices;          /* how many actions there are to choose from; 0: actions are vectors */
  int32_t dimensions;       /* of a vector action; 0 where actions are choices */
  const double* action_low; /* [dimensions], or null: none has a bound */
  const double* action_high;
  int32_t max_steps; /* after which the host truncates an episode; 0: none */
} pigrad_task;

typedef struct pigrad_trainer pigrad_trainer;
typedef struct pigrad_policy pigrad_policy;

/* settings are copied: "copies" is how many environments the host has, "steps" how many steps of each make a batch. */
PIGRAD_API pigrad_code pigrad_trainer_new(const pigrad_settings* settings, const pigrad_task* task,
                                          pigrad_trainer** trainer, pigrad_error* error);
PIGRAD_API void pigrad_trainer_free(pigrad_trainer* trainer);

/* ---- training, the host owns the loop: act, observe, and update when a batch is full ---- */

/* The policy's action for obs[observations] of environment `copy`, sampled: *choice, or action[dimensions]; the other
 * may be null. A vector action is as it was drawn: the host holds it within its bounds. */
PIGRAD_API pigrad_code pigrad_trainer_act(pigrad_trainer* trainer, int32_t copy, const float* obs, int32_t* choice,
                                          float* action, pigrad_error* error);
/* What that action led to. next_obs is the observation after it; where the episode ended, its last one. `terminated`
 * is the environment's own end, `truncated` a limit of time: never put the second into the first. */
PIGRAD_API pigrad_code pigrad_trainer_observe(pigrad_trainer* trainer, int32_t copy, float reward, int32_t terminated,
                                              int32_t truncated, const float* next_obs, pigrad_error* error);
/* 1 when every copy has made its steps. */
PIGRAD_API int32_t pigrad_trainer_ready(const pigrad_trainer* trainer);
/* Learns from the full batch and begins a new one. What it computes does not depend on `threads`. */
PIGRAD_API pigrad_code pigrad_trainer_update(pigrad_trainer* trainer, int32_t threads, pigrad_error* error);

/* ---- training, the library owns the loop: callbacks ---- */

typedef struct pigrad_environment {
  int32_t api_version; /* PIGRAD_API_VERSION */
  void* user;          /* given to every call */
  /* Begins an episode of `copy`; its first observation into obs[observations]. Anything but 0 stops the training. */
  int32_t (*reset)(void* user, int32_t copy, float* obs);
  /* One step of `copy`: action is null where actions are choices. obs: the observation after it, an ended episode's
   * last one included; reset is called next. */
  int32_t (*step)(void* user, int32_t copy, int32_t choice, const float* action, float* reward, int32_t* terminated,
                  int32_t* truncated, float* obs);
  /* After each update; may be null. */
  int32_t (*updated)(void* user, const pigrad_trainer* trainer);
} pigrad_environment;

/* `updates` batches. Episodes go on from one call to the next. PIGRAD_STOPPED where a callback asked for it: a reset or
 * step that did so counts as not made, and the next call asks for it again. Not to be mixed with act and observe. */
PIGRAD_API pigrad_code pigrad_trainer_run(pigrad_trainer* trainer, const pigrad_environment* environment,
                                          int32_t updates, int32_t threads, pigrad_error* error);

/* ---- what was learnt ---- */

/* Metrics of the last update, by their names in metrics.csv. */
PIGRAD_API int32_t pigrad_trainer_metrics(const pigrad_trainer* trainer);
/* Name and value of one; null and 0 where there is none such. The name stands until the next update. */
PIGRAD_API const char* pigrad_trainer_metric(const pigrad_trainer* trainer, int32_t index, double* value);
/* 1 and the value, or 0 where the last update had no such metric. */
PIGRAD_API int32_t pigrad_trainer_find_metric(const pigrad_trainer* trainer, const char* name, double* value);

/* A checkpoint: what a trainer of the same settings and task goes on from, with the same bits. A batch that is not full
 * is left out. The file is written whole or not at all. */
PIGRAD_API pigrad_code pigrad_trainer_save(const pigrad_trainer* trainer, const char* path, pigrad_error* error);
/* Where it fails after reading began, the trainer must not be used but to free it. */
PIGRAD_API pigrad_code pigrad_trainer_load(pigrad_trainer* trainer, const char* path, pigrad_error* error);
/* The same in memory; *bytes goes to pigrad_bytes_free. */
PIGRAD_API pigrad_code pigrad_trainer_save_memory(const pigrad_trainer* trainer, void** bytes, size_t* size,
                                                  pigrad_error* error);
PIGRAD_API pigrad_code pigrad_trainer_load_memory(pigrad_trainer* trainer, const void* bytes, size_t size,
                                                  pigrad_error* error);
PIGRAD_API void pigrad_bytes_free(void* bytes);

/* ---- a policy that acts ---- */

/* From a checkpoint, of a trainer here or of `pigrad train`, or from what `pigrad export --to safetensors` wrote. */
PIGRAD_API pigrad_code pigrad_policy_load(const char* path, pigrad_policy** policy, pigrad_error* error);
/* The bytes may go afterwards. */
PIGRAD_API pigrad_code pigrad_policy_load_memory(const void* bytes, size_t size, pigrad_policy** policy,
                                                 pigrad_error* error);
PIGRAD_API void pigrad_policy_free(pigrad_policy* policy);
/* Features of an observation; choices, or dimensions; 1 where actions are choices; numbers of say. 0 of null. */
PIGRAD_API int32_t pigrad_policy_observations(const pigrad_policy* policy);
PIGRAD_API int32_t pigrad_policy_actions(const pigrad_policy* policy);
PIGRAD_API int32_t pigrad_policy_discrete(const pigrad_policy* policy);
PIGRAD_API int32_t pigrad_policy_statistics(const pigrad_policy* policy);
/* None of these allocates or locks. ln of each choice's probability, or means and then ln of deviations: */
PIGRAD_API void pigrad_policy_say(const pigrad_policy* policy, const float* obs, float* statistics);
/* The most probable choice; or 0, and the mean, within its bounds, in action[actions], which choices leave alone. */
PIGRAD_API int32_t pigrad_policy_act(const pigrad_policy* policy, const float* obs, float* action);
/* One drawn by its probability; *seed moves on. */
PIGRAD_API int32_t pigrad_policy_sample(const pigrad_policy* policy, const float* obs, uint64_t* seed, float* action);

#ifdef __cplusplus
}
#endif

#endif
