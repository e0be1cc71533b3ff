// Parsing a text in one line of a test.
#pragma once

#include <string>

#include "05-build/dockerfile.hpp"
#include "common/error.hpp"

namespace slipway {

inline Dockerfile parse(const std::string& text) {
    return parse_dockerfile({"Dockerfile", text});
}

/// The error of a body, message and advice; empty: none was thrown.
template <class Body>
std::string error_of(Body&& body) {
    try {
        body();
        return {};
    } catch (const Error& error) {
        return error.message() +
               (error.advice().empty() ? "" : "\n" + error.advice());
    }
}

inline std::string parse_error(const std::string& text) {
    return error_of([&] { parse(text); });
}

/// The one instruction behind "FROM a".
inline Instruction only(const std::string& text,
                        const std::string& head = "FROM a\n") {
    Dockerfile file = parse(head + text);
    if (file.stages.size() != 1 || file.stages[0].instructions.size() != 1)
        throw Error(ErrorKind::System, "not one instruction");
    return file.stages[0].instructions[0];
}

template <class Body>
Body body_of(const std::string& text, const std::string& head = "FROM a\n") {
    return std::get<Body>(only(text, head).body);
}

inline std::string text_at(const Dockerfile& file, SourceRange where) {
    return file.source.text.substr(where.begin, where.end - where.begin);
}

}  // namespace slipway
