#include "06-engine/runtime/mount_options.hpp"
