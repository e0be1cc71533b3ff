// The parts of the page; page.cpp puts them together.
#pragma once

#include <string>
#include <string_view>

#include "compare/matrix.hpp"

namespace slipway::compare {

/// With what has a meaning in HTML written in another way.
std::string escaped(std::string_view text);
/// The picture of a verdict, one of the symbols that the page defines.
std::string glyph(Verdict verdict);

std::string page_style();
/// Hidden: the symbols that glyph() uses.
std::string_view page_symbols();
std::string poster_part(const Matrix& matrix);
std::string matrix_part(const Matrix& matrix);
std::string ablation_part(const Matrix& matrix);
std::string cost_part(const Matrix& matrix);
std::string evidence_part(const Matrix& matrix);

}  // namespace slipway::compare
