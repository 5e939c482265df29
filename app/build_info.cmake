# Writes OUT, if it would change: the commit that this checkout is at, for the record of each run.
# cmake -D SOURCE=… -D OUT=… -D VERSION=… -D TYPE=… -P build_info.cmake
find_program(GIT git)
set(commit "")
set(modified false)
if(GIT)
  set(git ${GIT} -c safe.directory=* -C ${SOURCE})
  execute_process(COMMAND ${git} rev-parse --short=12 HEAD OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE
                  ERROR_QUIET RESULT_VARIABLE failed)
  execute_process(COMMAND ${git} rev-parse --show-prefix OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE
                  ERROR_QUIET)
  # A copy unpacked inside somebody's own checkout is not at that checkout's commit.
  if(failed OR prefix)
    set(commit "")
  else()
    execute_process(COMMAND ${git} status --porcelain --untracked-files=no OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
      set(modified true)
    endif()
  endif()
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT [[
#pragma once
#define PIGRAD_VERSION "@VERSION@"
#define PIGRAD_COMMIT "@commit@"
#define PIGRAD_MODIFIED @modified@
#define PIGRAD_BUILD_TYPE "@TYPE@"
]] @ONLY)
