#include "06-engine/runtime/spec.hpp"
