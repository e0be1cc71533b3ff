// A template's text, cut into tokens: what stands between {{ and }}, and the
// text around it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

enum class TemplateTokenKind {
    Text,        ///< outside of {{ }}, with \t and \n replaced
    Open,        ///< {{
    Close,       ///< }}
    Word,        ///< if, json
    Field,       ///< .Name; `text` is without the point
    Dot,         ///< .
    Variable,    ///< $, $name; `text` is with the $
    String,      ///< "…" and `…`; `text` is what it means
    Number,      ///< 3, -1.5, 0x10, 'a'
    Pipe,        ///< |
    LeftParen,   ///< (
    RightParen,  ///< )
    Comma,       ///< ,
    Assign,      ///< =
    Declare,     ///< :=
    End,         ///< of the template
};

struct TemplateToken {
    TemplateTokenKind kind;
    std::string text = {};
    std::size_t at = 0;  ///< offset in the template, for messages
    bool glued = false;  ///< nothing stands between it and the token before
};

/// Ends with End. {{- and -}} have taken their white space away, comments are
/// gone. Throws InvalidArgument.
std::vector<TemplateToken> template_tokens(std::string_view form);

/// "--format: character 9: …". `at` is an offset in the template.
[[noreturn]] void refuse_template(std::size_t at, std::string_view why,
                                  std::string advice = {});

}  // namespace slipway
