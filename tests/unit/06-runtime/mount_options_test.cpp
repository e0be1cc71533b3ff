#include "unit/catch.hpp"
