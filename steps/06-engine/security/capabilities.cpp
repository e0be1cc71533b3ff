#include "06-engine/security/capabilities.hpp"
