#pragma once
#include "ops/list.hpp"
