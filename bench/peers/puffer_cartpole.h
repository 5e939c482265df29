#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Copies of PufferLib's cart-pole (other starts than CartPole-v1's, 200 steps) over common arrays, as its own binding
/// has them. They live as long as the process.
struct PufferCopies;
struct PufferCopies* puffer_make(int count);
/// One step of each, by actions of 0 or 1, resets included.
void puffer_step(struct PufferCopies* copies, const float* actions);

#ifdef __cplusplus
}
#endif
