// Parser directives: "# key=value" in the first lines of a Dockerfile.
#pragma once

#include <cstddef>

#include "05-build/dockerfile.hpp"

namespace slipway {

/// Where the first line of a source begins: behind a byte order mark.
std::size_t text_begin(const Source& source);

/// Reads syntax, escape and check from the top of the file. The first line that
/// is none of them ends them, be it a comment, an empty line or a directive
/// that nobody knows; from there on all is comment. Keys may be in any case,
/// blanks may stand around = and at the end. Throws input_error() for one that
/// is given twice and for values that make no sense.
/// Source: Dockerfile reference, "Parser directives".
Directives read_directives(const Source& source);

}  // namespace slipway
