#include "common/template.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/template_functions.hpp"
#include "common/template_lexer.hpp"
#include "common/template_tree.hpp"
#include "common/template_value.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;
using Node = TemplateNode;
using Value = TemplateValue;

/// What a template may do: nested ranges multiply.
constexpr std::size_t most_steps = 1 << 24;

std::string without_methods(const ordered_json& object) {
    bool has_method = false;
    for (const auto& entry : object.items())
        has_method |= entry.key().starts_with('.');
    if (!has_method) return json_line(object);
    ordered_json shown = ordered_json::object();
    for (const auto& [key, value] : object.items())
        if (!key.starts_with('.')) shown[key] = value;
    return json_line(shown);
}

class Filler {
  public:
    Filler(const ordered_json& object, const Template::TitleOf* title_of)
        : root_(Value::at(object)), title_of_(title_of) {}

    std::string run(const std::vector<Node>& nodes) {
        list(nodes, root_);
        return std::move(out_);
    }

  private:
    enum class Flow { Next, Break, Continue };

    void spend(std::size_t steps, std::size_t at) {
        if (steps > left_)
            refuse_template(at, "the output does not come to an end");
        left_ -= steps;
    }

    Flow list(const std::vector<Node>& nodes, const Value& dot) {
        std::size_t known = variables_.size();
        Flow flow = Flow::Next;
        for (const Node& node : nodes) {
            flow = one(node, dot);
            if (flow != Flow::Next) break;
        }
        variables_.resize(known);
        return flow;
    }

    Flow one(const Node& node, const Value& dot) {
        switch (node.kind) {
            case Node::Kind::Text:
                write(node.text, node);
                return Flow::Next;
            case Node::Kind::Break:
                return Flow::Break;
            case Node::Kind::Continue:
                return Flow::Continue;
            case Node::Kind::Range:
                return range(node, dot);
            default:
                break;
        }
        std::size_t known = variables_.size();
        Value value = pipeline(node.pipeline, dot);
        if (node.kind == Node::Kind::Action) {
            bind(node.pipeline, {value});
            if (node.pipeline.variables.empty()) write(printed(value), node);
            return Flow::Next;
        }
        bind(node.pipeline, {value});
        bool is = is_true(value);
        bool with = is && node.kind == Node::Kind::With;
        Flow flow = list(is ? node.body : node.otherwise, with ? value : dot);
        variables_.resize(known);
        return flow;
    }

    void write(const std::string& text, const Node& node) {
        spend(text.size() + 1, node.pipeline.at);
        out_ += text;
    }

    // Variables of a pipeline get its values: one, or in a range key and value.
    void bind(const TemplatePipeline& pipeline, std::vector<Value> values) {
        for (std::size_t i = 0; i < pipeline.variables.size(); ++i) {
            const std::string& name = pipeline.variables[i];
            if (pipeline.declares)
                variables_.emplace_back(name, values[i]);
            else if (auto* known = find_variable(name))
                *known = values[i];
        }
    }

    Value* find_variable(const std::string& name) {
        for (auto each = variables_.rbegin(); each != variables_.rend(); ++each)
            if (each->first == name) return &each->second;
        return nullptr;
    }

    Flow range(const Node& node, const Value& dot) {
        Value whole = pipeline(node.pipeline, dot);
        const ordered_json& json = whole.json();
        if (!whole.is_nothing() && !json.is_structured())
            refuse_template(node.pipeline.at,
                            cat("a range over ", kind_of(whole)),
                            "it goes over lists and objects");
        if (json.empty()) return list(node.otherwise, dot);
        if (json.is_object()) {
            for (const auto& [key, value] : ordered_entries(json))
                if (!turn(node, Value::of(std::string(key)),
                          whole.within(*value)))
                    break;
            return Flow::Next;
        }
        for (std::size_t i = 0; i < json.size(); ++i)
            if (!turn(node, Value::of(i), whole.within(json[i]))) break;
        return Flow::Next;
    }

    // False: {{break}}.
    bool turn(const Node& node, Value key, const Value& value) {
        std::size_t known = variables_.size();
        spend(1, node.pipeline.at);
        if (node.pipeline.variables.size() == 2)
            bind(node.pipeline, {std::move(key), value});
        else
            bind(node.pipeline, {value});
        Flow flow = list(node.body, value);
        variables_.resize(known);
        return flow != Flow::Break;
    }

    Value pipeline(const TemplatePipeline& pipeline, const Value& dot) {
        std::optional<Value> last;
        for (const TemplateCommand& each : pipeline.commands)
            last = command(each, dot, last);
        return *last;
    }

    Value command(const TemplateCommand& command, const Value& dot,
                  const std::optional<Value>& last) {
        const TemplateOperand& first = command.operands[0];
        spend(command.operands.size(), first.at);
        std::size_t given = command.operands.size() - 1 + (last ? 1 : 0);
        if (first.kind == TemplateOperand::Kind::Function &&
            first.fields.empty())
            return call(*find_function(first.name), command, dot, last);
        if (given == 0) return operand(first, dot);
        return method(command, dot, last);
    }

    TemplateArguments arguments(const TemplateCommand& command,
                                const Value& dot,
                                const std::optional<Value>& last) {
        TemplateArguments values;
        for (std::size_t i = 1; i < command.operands.size(); ++i)
            values.push_back(operand(command.operands[i], dot));
        if (last) values.push_back(*last);
        return values;
    }

    Value call(const TemplateFunction& function, const TemplateCommand& command,
               const Value& dot, const std::optional<Value>& last) {
        std::size_t at = command.operands[0].at;
        std::size_t given = command.operands.size() - 1 + (last ? 1 : 0);
        if (given < function.least || given > function.most)
            refuse_template(
                at, cat(function.name, " wants ",
                        function.least == function.most ? "" : "at least ",
                        function.least,
                        function.least == 1 ? " argument" : " arguments",
                        ", not ", given));
        if (!function.call) return and_or(function, command, dot, last);
        TemplateArguments values = arguments(command, dot, last);
        if (title_of_) return values.empty() ? Value::of("") : values[0];
        if (function.name == "json" && values[0].json().is_object())
            return Value::of(without_methods(values[0].json()));
        try {
            Value value = function.call(values);
            if (value.is_text()) spend(value.text().size(), at);
            return value;
        } catch (const Error& error) {
            refuse_template(at, cat(function.name, ": ", error.message()));
        }
    }

    // The first that decides; those behind it are not looked at.
    Value and_or(const TemplateFunction& function,
                 const TemplateCommand& command, const Value& dot,
                 const std::optional<Value>& last) {
        bool goes_on = function.name == "and";
        Value value;
        for (std::size_t i = 1; i < command.operands.size(); ++i) {
            value = operand(command.operands[i], dot);
            if (is_true(value) != goes_on) return value;
        }
        return last ? *last : value;
    }

    // {{.Label "a"}}
    Value method(const TemplateCommand& command, const Value& dot,
                 const std::optional<Value>& last) {
        const TemplateOperand& first = command.operands[0];
        TemplateArguments values = arguments(command, dot, last);
        if (first.fields.size() == 1 && values.size() == 1 &&
            values[0].is_text()) {
            const std::string& key = values[0].text();
            if (title_of_)
                return Value::of(
                    (*title_of_)("." + first.fields[0] + " " + key));
            Value base = operand_base(first, dot);  // may own what it shows
            const ordered_json& json = base.json();
            auto named = json.is_object() ? json.find("." + first.fields[0])
                                          : json.end();
            if (json.is_object() && named != json.end())
                return Value::of(named->value(key, std::string()));
        }
        refuse_template(first.at, "a field takes no arguments",
                        "of a map: index .Labels \"name\"");
    }

    Value operand_base(const TemplateOperand& operand, const Value& dot) {
        using Kind = TemplateOperand::Kind;
        switch (operand.kind) {
            case Kind::Dot:
                return dot;
            case Kind::Literal:
                return Value::at(operand.literal);
            case Kind::Parentheses:
                return pipeline(*operand.inside, dot);
            case Kind::Variable:
                if (operand.name == "$") return root_;
                if (Value* known = find_variable(operand.name)) return *known;
                return {};
            default:
                break;
        }
        // A function without arguments, as an argument: {{print println}}.
        TemplateCommand alone{{operand}};
        alone.operands[0].fields.clear();
        return command(alone, dot, {});
    }

    Value operand(const TemplateOperand& operand, const Value& dot) {
        Value value = operand_base(operand, dot);
        for (const std::string& name : operand.fields) {
            if (title_of_)
                value = Value::of((*title_of_)(name));
            else
                value = field(value, name, operand.at);
        }
        return value;
    }

    Value field(const Value& value, const std::string& name,
                std::size_t at) const {
        const ordered_json& json = value.json();
        if (json.is_object()) {
            auto found = json.find(name);
            if (found != json.end()) return value.within(*found);
            bool is_map = &json != &root_.json() && !looks_like_struct(json);
            if (is_map) return {};
        }
        std::vector<std::string> fields;
        if (json.is_object())
            for (const auto& entry : json.items())
                if (!entry.key().starts_with('.'))
                    fields.push_back(entry.key());
        refuse_template(at, cat("there is no field ", quote(name)),
                        fields.empty()
                            ? "there is nothing below it"
                            : cat("there are: ", join(fields, ", ")));
    }

    Value root_;
    const Template::TitleOf* title_of_;
    std::string out_;
    std::vector<std::pair<std::string, Value>> variables_;
    std::size_t left_ = most_steps;
};

}  // namespace

Template::Template(std::string_view form)
    : nodes_(std::make_shared<const std::vector<Node>>(parse_template(form))) {}

std::string Template::fill(const ordered_json& object) const {
    return Filler(object, nullptr).run(*nodes_);
}

std::string Template::titles(const TitleOf& title_of) const {
    ordered_json nothing;
    try {
        return Filler(nothing, &title_of).run(*nodes_);
    } catch (const Error&) {
        return {};  // {{range …}} over a title
    }
}

}  // namespace slipway
