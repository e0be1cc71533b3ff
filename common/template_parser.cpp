#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/template_functions.hpp"
#include "common/template_lexer.hpp"
#include "common/template_tree.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;
using Kind = TemplateTokenKind;
using Node = TemplateNode;

/// Deeper templates are no template that somebody wrote; the parser and the
/// evaluator call themselves for each level.
constexpr int deepest = 100;

ordered_json number_of(const TemplateToken& token) {
    std::string_view text = token.text;
    bool negative = text.starts_with('-');
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        std::int64_t value = 0;
        auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), value, 16);
        if (error == std::errc() && end == text.data() + text.size())
            return negative ? -value : value;
    } else if (auto whole = parse_unsigned(text, INT64_MAX)) {
        auto value = static_cast<std::int64_t>(*whole);
        return negative ? -value : value;
    } else if (auto decimal = parse_decimal(text)) {
        return negative ? -*decimal : *decimal;
    }
    refuse_template(token.at, cat(quote(token.text), " is no number"));
}

class Parser {
  public:
    explicit Parser(std::string_view form) : tokens_(template_tokens(form)) {}

    std::vector<Node> run() {
        std::vector<Node> nodes = list();
        if (here().kind != Kind::End)
            refuse_template(here().at, cat("{{", word(),
                                           "}} without a "
                                           "beginning"));
        return nodes;
    }

  private:
    const TemplateToken& here() const { return tokens_[next_]; }
    const TemplateToken& take() { return tokens_[next_++]; }
    bool takes(Kind kind) {
        if (here().kind != kind) return false;
        ++next_;
        return true;
    }
    void close() {
        if (!takes(Kind::Close))
            refuse_template(here().at, cat("unexpected ", quote(here().text)));
    }
    // At {{: the word behind it, if there is one.
    std::string word() const {
        const TemplateToken& token = tokens_[next_ + 1];
        return token.kind == Kind::Word ? token.text : "";
    }

    // Up to {{end}} and {{else}}, which are left to who began.
    std::vector<Node> list() {
        std::vector<Node> nodes;
        while (here().kind != Kind::End) {
            if (here().kind == Kind::Text) {
                nodes.push_back({Node::Kind::Text, take().text});
                continue;
            }
            std::string first = word();
            if (first == "end" || first == "else") break;
            ++next_;
            nodes.push_back(action(first));
        }
        return nodes;
    }

    Node action(const std::string& first) {
        std::size_t at = here().at;
        if (first == "if") return branch(Node::Kind::If);
        if (first == "with") return branch(Node::Kind::With);
        if (first == "range") {
            ++ranges_;
            Node node = branch(Node::Kind::Range);
            --ranges_;
            return node;
        }
        if (first == "break" || first == "continue") {
            if (ranges_ == 0)
                refuse_template(at, cat("{{", first, "}} outside of a range"));
            ++next_;
            close();
            return {first == "break" ? Node::Kind::Break
                                     : Node::Kind::Continue};
        }
        if (first == "define" || first == "template" || first == "block")
            refuse_template(at, cat("{{", first, "}} is not supported"));
        Node node{Node::Kind::Action};
        node.pipeline = pipeline(false, Kind::Close);
        close();
        return node;
    }

    // if, with, range: what is asked, the body, and what is there otherwise.
    Node branch(Node::Kind kind) {
        if (++depth_ > deepest) refuse_template(here().at, "nested too deeply");
        std::size_t at = here().at;
        std::string name = take().text;
        Node node{kind};
        std::size_t known = variables_.size();
        node.pipeline = pipeline(kind == Node::Kind::Range, Kind::Close);
        close();
        std::size_t with_own = variables_.size();
        node.body = list();
        variables_.resize(with_own);
        if (here().kind == Kind::End)
            refuse_template(at, cat("{{", name, "}} without {{end}}"));
        bool has_else = word() == "else";
        next_ += 2;
        if (has_else) node.otherwise = otherwise(kind, at, name);
        if (!has_else) close();
        variables_.resize(known);
        --depth_;
        return node;
    }

    // Behind {{else: "}}", or another question that shares our {{end}}.
    std::vector<Node> otherwise(Node::Kind kind, std::size_t at,
                                const std::string& name) {
        const char* again = kind == Node::Kind::If     ? "if"
                            : kind == Node::Kind::With ? "with"
                                                       : nullptr;
        if (again && here().kind == Kind::Word && here().text == again) {
            std::vector<Node> nodes;
            nodes.push_back(branch(kind));
            return nodes;
        }
        close();
        std::vector<Node> nodes = list();
        if (here().kind == Kind::End || word() != "end")
            refuse_template(at, cat("{{", name, "}} without {{end}}"));
        next_ += 2;
        close();
        return nodes;
    }

    TemplatePipeline pipeline(bool is_range, Kind end) {
        TemplatePipeline result;
        result.at = here().at;
        declaration(result, is_range);
        do {
            result.commands.push_back(command());
        } while (takes(Kind::Pipe));
        if (here().kind != end)
            refuse_template(here().at,
                            end == Kind::RightParen
                                ? std::string("( without )")
                                : cat("unexpected ", quote(here().text)));
        for (const std::string& name : result.variables)
            if (result.declares) variables_.push_back(name);
        return result;
    }

    // $x := …, $x = …, and in a range $k, $v := …
    void declaration(TemplatePipeline& into, bool is_range) {
        if (here().kind != Kind::Variable) return;
        std::size_t begin = next_;
        std::vector<std::string> names = {take().text};
        if (is_range && takes(Kind::Comma) && here().kind == Kind::Variable)
            names.push_back(take().text);
        bool declares = here().kind == Kind::Declare;
        if (!declares && here().kind != Kind::Assign) {
            next_ = begin;
            return;
        }
        ++next_;
        into.variables = std::move(names);
        into.declares = declares;
        for (const std::string& name : into.variables)
            if (!declares) check_known(name, into.at);
    }

    void check_known(const std::string& name, std::size_t at) const {
        if (name == "$") return;
        for (const std::string& known : variables_)
            if (known == name) return;
        refuse_template(at, cat("there is no variable ", name),
                        variables_.empty()
                            ? cat("{{", name, " := …}} makes one")
                            : cat("there are: ", join(variables_, ", ")));
    }

    TemplateCommand command() {
        TemplateCommand result;
        std::size_t at = here().at;
        while (here().kind != Kind::Pipe && here().kind != Kind::Close &&
               here().kind != Kind::RightParen) {
            if (!result.operands.empty() && here().glued &&
                here().kind != Kind::LeftParen)
                refuse_template(here().at,
                                cat("unexpected ", quote(here().text)));
            result.operands.push_back(operand());
        }
        if (result.operands.empty())
            refuse_template(at, "a field or a function is missing here",
                            "write {{.Field}}, {{.Field.Below}}, {{json "
                            ".Field}}");
        check_command(result);
        return result;
    }

    // Only functions and fields take arguments, and only so many.
    void check_command(const TemplateCommand& command) const {
        const TemplateOperand& first = command.operands[0];
        if (first.kind != TemplateOperand::Kind::Function &&
            command.operands.size() > 1 && first.fields.empty())
            refuse_template(first.at,
                            "this is no function: it takes no "
                            "arguments");
    }

    TemplateOperand operand() {
        const TemplateToken& token = take();
        TemplateOperand result;
        result.at = token.at;
        using Operand = TemplateOperand::Kind;
        switch (token.kind) {
            case Kind::Dot:
                break;
            case Kind::Field:
                result.fields.push_back(token.text);
                break;
            case Kind::Variable:
                result.kind = Operand::Variable;
                result.name = token.text;
                check_known(token.text, token.at);
                break;
            case Kind::String:
                result.kind = Operand::Literal;
                result.literal = token.text;
                break;
            case Kind::Number:
                result.kind = Operand::Literal;
                result.literal = number_of(token);
                break;
            case Kind::Word:
                named(result, token);
                break;
            case Kind::LeftParen:
                parentheses(result);
                break;
            default:
                refuse_template(token.at,
                                cat("unexpected ", quote(token.text)));
        }
        while (here().kind == Kind::Field && here().glued)
            result.fields.push_back(take().text);
        return result;
    }

    void named(TemplateOperand& result, const TemplateToken& token) {
        using Operand = TemplateOperand::Kind;
        bool is_truth = token.text == "true" || token.text == "false";
        result.kind = is_truth || token.text == "nil" ? Operand::Literal
                                                      : Operand::Function;
        if (is_truth) result.literal = token.text == "true";
        result.name = token.text;
        if (result.kind == Operand::Literal || find_function(token.text))
            return;
        std::string guess = nearest(token.text, function_names());
        refuse_template(
            token.at, cat("there is no function ", quote(token.text)),
            guess.empty() ? cat("a field begins with a point: .", token.text)
                          : cat("did you mean ", guess, "?"));
    }

    void parentheses(TemplateOperand& result) {
        if (++depth_ > deepest) refuse_template(result.at, "nested too deeply");
        result.kind = TemplateOperand::Kind::Parentheses;
        std::size_t known = variables_.size();
        result.inside = std::make_shared<TemplatePipeline>(
            pipeline(false, Kind::RightParen));
        variables_.resize(known);
        ++next_;
        --depth_;
    }

    std::vector<TemplateToken> tokens_;
    std::size_t next_ = 0;
    int depth_ = 0, ranges_ = 0;
    std::vector<std::string> variables_;
};

}  // namespace

std::vector<TemplateNode> parse_template(std::string_view form) {
    return Parser(form).run();
}

}  // namespace slipway
