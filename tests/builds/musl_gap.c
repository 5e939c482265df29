/* What g++'s runtime, built for glibc 2.35 or newer, asks of a C library and musl has under no name: the frame table of
 * the code at an address, for exceptions, and whether there is one thread alone. */
#define _GNU_SOURCE
#include <link.h>
#include <stddef.h>

struct dl_find_object {
  unsigned long long dlfo_flags;
  void* dlfo_map_start;
  void* dlfo_map_end;
  struct link_map* dlfo_link_map;
  void* dlfo_eh_frame;
  unsigned long long dlfo_reserved[7];
};

char __libc_single_threaded = 0;

struct search {
  const char* pc;
  struct dl_find_object* found;
};

static int look(struct dl_phdr_info* info, size_t size, void* data) {
  struct search* search = data;
  const char *begin = NULL, *end = NULL, *frames = NULL;
  int i;
  (void)size;
  for (i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)* p = &info->dlpi_phdr[i];
    const char* at = (const char*)(info->dlpi_addr + p->p_vaddr);
    if (p->p_type == PT_LOAD && search->pc >= at && search->pc < at + p->p_memsz) begin = at, end = at + p->p_memsz;
    if (p->p_type == PT_GNU_EH_FRAME) frames = at;
  }
  if (!begin || !frames) return 0;
  search->found->dlfo_flags = 0;
  search->found->dlfo_map_start = (void*)begin;
  search->found->dlfo_map_end = (void*)end;
  search->found->dlfo_link_map = NULL;
  search->found->dlfo_eh_frame = (void*)frames;
  return 1;
}

int _dl_find_object(void* pc, struct dl_find_object* found) {
  struct search search = {pc, found};
  return dl_iterate_phdr(look, &search) ? 0 : -1;
}
