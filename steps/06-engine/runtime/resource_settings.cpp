#include "06-engine/runtime/resources.hpp"
