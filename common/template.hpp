// Templates: a text with {{ }} in it, filled from an object, as Docker's
// --format has them (Go, package text/template).
//
//     {{.Name}}  {{.Config.User}}  {{json .Config}}  {{upper .Name | printf
//     "%5s"}}
//     {{range $k, $v := .Labels}}{{$k}}={{$v}} {{else}}none{{end}}
//     {{if eq .State "exited" "dead"}}…{{else if …}}…{{else}}…{{end}}
//     {{with .Health}}{{.Status}}{{end}}  {{(index .Ports 0).Host}}
//     {{$x := len .Name}}  {{- trims -}}  {{/* comment */}}
//
// Functions: template_functions.hpp. Left out: define, template, block, call,
// html, js, urlquery, a range over a number.
//
// What is no text is printed as Go prints it: [a b], map[a:b].
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace slipway {

struct TemplateNode;

class Template {
  public:
    /// Throws InvalidArgument that says what is wrong, and at which character.
    explicit Template(std::string_view form);

    /// Throws InvalidArgument for a field that is not there (and names those
    /// that are), and for what a function cannot do with its arguments.
    ///
    /// A name of the object that begins with a point is a method: with
    /// {".Label": {"a": "b"}}, {{.Label "a"}} is b, and "" for what is not
    /// there. json does not show it.
    std::string fill(const nlohmann::ordered_json& object) const;

    /// The line above a table: each field of the object is its own title, and
    /// functions leave it as it is. Empty when that makes no line.
    using TitleOf = std::function<std::string(std::string_view field)>;
    std::string titles(const TitleOf& title_of) const;

  private:
    std::shared_ptr<const std::vector<TemplateNode>> nodes_;
};

}  // namespace slipway
