#define PIGRAD_COMPILE_OPS
#include "ops.hpp"
