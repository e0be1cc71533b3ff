#include "06-engine/security/seccomp.hpp"
