// A text that people wrote, and errors that point into it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/error.hpp"

namespace slipway {

/// The Dockerfile as it was read, and what messages call it.
struct Source {
    std::string name;  ///< "Dockerfile", "build/Dockerfile", "-"
    std::string text;
};

/// Bytes of Source::text, the end not included.
struct SourceRange {
    std::size_t begin = 0, end = 0;
    bool operator==(const SourceRange&) const = default;
};

/// Lines count from 1, columns in bytes from 1.
struct SourcePosition {
    unsigned line = 1, column = 1;
};
SourcePosition position_of(const Source& source, std::size_t offset);

/// InvalidArgument that shows where:
///
///     Dockerfile:3:1: unknown instruction "RUNN"
///        3 | RUNN apt-get update
///          | ^~~~
///
/// Only the first line of a range is marked. What is no text (control
/// characters, broken UTF-8) is shown escaped, and a long line around the mark.
Error input_error(const Source& source, SourceRange where,
                  std::string_view message);
/// The same picture without "Dockerfile:3:1: …": for warnings.
std::string show_range(const Source& source, SourceRange where);

}  // namespace slipway
