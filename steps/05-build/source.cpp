#include "05-build/source.hpp"
