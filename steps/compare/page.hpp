// A matrix as one HTML file that needs nothing else: no script, no font, no
// picture from elsewhere.
#pragma once

#include <string>

#include "compare/matrix.hpp"

namespace slipway::compare {

std::string page(const Matrix& matrix);

}  // namespace slipway::compare
