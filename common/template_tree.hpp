// A template, parsed (Go, package text/template, as far as Docker's users need
// it: not define, template, block, call).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace slipway {

struct TemplatePipeline;

/// .A.B, $x.A, "text", 3, (…).A, or the name of a function.
struct TemplateOperand {
    enum class Kind { Dot, Variable, Literal, Function, Parentheses };
    Kind kind = Kind::Dot;
    std::size_t at = 0;
    std::string name = {};  ///< of a variable (with its $) or a function
    nlohmann::ordered_json literal = {};
    std::shared_ptr<const TemplatePipeline> inside = {};  ///< of parentheses
    std::vector<std::string> fields = {};  ///< of it, the outermost first
};

/// A function, or a field, with its arguments: operands[0] and the rest.
struct TemplateCommand {
    std::vector<TemplateOperand> operands;
};

/// a | b c: what a command gives is the last argument of the next.
struct TemplatePipeline {
    std::size_t at = 0;
    std::vector<std::string> variables = {};  ///< "$k", "$v" of range
    bool declares = false;                    ///< := and not =
    std::vector<TemplateCommand> commands = {};
};

struct TemplateNode {
    enum class Kind { Text, Action, If, Range, With, Break, Continue };
    Kind kind;
    std::string text = {};
    TemplatePipeline pipeline = {};
    std::vector<TemplateNode> body = {}, otherwise = {};
};

/// Throws InvalidArgument that says what is wrong, and where.
std::vector<TemplateNode> parse_template(std::string_view form);

}  // namespace slipway
