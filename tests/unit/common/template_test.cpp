// What Docker's own client prints for the same templates, where it can be
// asked; the rest is Go's text/template.
#include "common/template.hpp"

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using nlohmann::ordered_json;

namespace {

const ordered_json object = ordered_json::parse(R"({
    "Id": "6eefead3634793abee04bbdb1e9771e7",
    "Name": "/web",
    "State": {"Status": "running", "Running": true, "Paused": false,
              "Pid": 42, "ExitCode": 0,
              "Health": {"Status": "healthy"}},
    "Config": {"Env": ["A=1", "B=2"], "Cmd": ["sleep", "1000"],
               "Labels": {"x": "y", "a": "b", "z": ""},
               "Volumes": null, "Nothing": {}},
    "HostConfig": {"Memory": 67108864, "MemorySwappiness": null},
    "Mounts": [{"Type": "volume", "RW": true}, {"Type": "bind", "RW": false}],
    "NetworkSettings": {
        "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"},
                             {"HostIp": "::", "HostPort": "8080"}],
                  "90/udp": null},
        "Networks": {"bridge": {"IPAddress": "172.17.0.2"}}}
})");

using Table = std::vector<std::pair<const char*, const char*>>;

void check_all(const Table& table) {
    for (const auto& [form, wanted] : table) {
        INFO(form);
        CHECK(Template(form).fill(object) == wanted);
    }
}

std::string refused(const char* form) {
    try {
        return "not refused: " + Template(form).fill(object);
    } catch (const Error& error) {
        return error.message() + (error.advice().empty() ? "" : "\n") +
               error.advice();
    }
}

}  // namespace

TEST_CASE("a template shows fields as Go prints them") {
    check_all({
        {"{{.Name}}", "/web"},
        {"{{.State.Running}} {{.State.Pid}}", "true 42"},
        {"{{.Config.Env}}", "[A=1 B=2]"},
        {"{{.Config.Labels}}", "map[a:b x:y z:]"},
        {"{{.Mounts}}", "[{volume true} {bind false}]"},
        {"{{.NetworkSettings.Ports}}",
         "map[80/tcp:[{0.0.0.0 8080} {:: 8080}] 90/udp:<nil>]"},
        {"{{.HostConfig.MemorySwappiness}}", "<no value>"},
        {"{{ .Config.Labels.x }} {{.Config.Labels.nope}}", "y <no value>"},
        {"{{.Config.Nothing.nope}}", "<no value>"},
        {"{{1.5}} {{2.0}} {{0x10}} {{-3}} {{true}} {{'a'}}",
         "1.5 2 16 -3 true 97"},
        {"{{\"q\\tq\"}} {{`raw\\t`}} {{\"\\u00e9\\x41\"}}", "q\tq raw\\t éA"},
        {"{{\"}}\"}}", "}}"},
        {"plain }} {x}", "plain }} {x}"},
        {"a\\tb\\nc", "a\tb\nc"},
    });
}

TEST_CASE("a template trims white space and leaves comments out") {
    check_all({
        {"{{- .Name -}}   x  {{- /* c */ -}}  y", "/webxy"},
        {"a  {{- .Name}} b", "a/web b"},
        {"a {{/* {{ }} */}} b", "a  b"},
        {"a\n{{- \"\" -}}\n b", "ab"},
        {"{{-3}}", "-3"},
        {"a {{- -3 -}} b", "a-3b"},
    });
}

TEST_CASE("a template decides") {
    check_all({
        {"{{if .State.Running}}yes{{else}}no{{end}}", "yes"},
        {"{{if eq .State.Status \"paused\" \"running\"}}y{{end}}", "y"},
        {"{{if and .State.Running (not .State.Paused)}}A{{else if "
         ".State.Paused}}B{{else}}C{{end}}",
         "A"},
        {"{{if .State.Paused}}A{{else if .State.ExitCode}}B{{else}}C{{end}}",
         "C"},
        {"{{with .State.Health}}{{.Status}}{{end}}", "healthy"},
        {"{{with .Config.Volumes}}x{{else}}none{{end}}", "none"},
        {"{{with .Config.Volumes}}x{{else with .Name}}{{.}}{{end}}", "/web"},
        {"{{with $h := .State.Health}}{{$h.Status}} {{$.Name}}{{end}}",
         "healthy /web"},
        {"{{with $h := .Config.Volumes}}a{{else}}{{$h}}{{end}}", "<no value>"},
        {"{{and 1 0}} {{or 0 \"x\"}} {{not 1}} {{and true \"last\"}}",
         "0 x false last"},
        {"{{or .Name .Nope}}", "/web"},  // not looked at
        {"{{and .State.Paused (index .Config.Env 9)}}", "false"},
    });
}

TEST_CASE("a template goes over lists and objects") {
    check_all({
        {"{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
         "172.17.0.2"},
        {"{{range $k, $v := .Config.Labels}}{{$k}}={{$v}};{{end}}",
         "a=b;x=y;z=;"},
        {"{{range $i, $e := .Config.Env}}{{$i}}:{{$e}},{{end}}",
         "0:A=1,1:B=2,"},
        {"{{range $p, $conf := .NetworkSettings.Ports}}{{if $conf}}{{$p}} -> "
         "{{(index $conf 0).HostPort}}{{end}}{{end}}",
         "80/tcp -> 8080"},
        {"{{range .Config.Volumes}}x{{else}}none{{end}}", "none"},
        {"{{range .Config.Nothing}}x{{else}}none{{end}}", "none"},
        {"{{range .Config.Env}}{{if eq . \"A=1\"}}{{continue}}{{end}}{{.}}"
         "{{end}}",
         "B=2"},
        {"{{range $x := .Config.Cmd}}{{$x}}{{break}}{{end}}", "sleep"},
        {"{{range .Mounts}}{{.Type}}{{range $.Config.Cmd}}.{{end}} {{end}}",
         "volume.. bind.. "},
    });
}

TEST_CASE("a template has variables, pipes and parentheses") {
    check_all({
        {"{{$x := .Name}}{{$x}}{{$x = \"z\"}}{{$x}}", "/webz"},
        {"{{$last := \"\"}}{{range .Config.Env}}{{$last = .}}{{end}}{{$last}}",
         "B=2"},
        {"{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"},
        {"{{.Config.Cmd | json}}", "[\"sleep\",\"1000\"]"},
        {"{{.Name | len | printf \"%03d\"}}", "004"},
        {"{{\"a\" | printf \"%s-%s\" \"b\"}}", "b-a"},
        {"{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}",
         "8080"},
        {"{{(index .Mounts 1).Type | upper}}", "BIND"},
        {"{{len (printf \"%s%s\" .Name (lower \"X\"))}}", "5"},
    });
}

TEST_CASE("the functions of a template") {
    check_all({
        {"{{len .Config.Env}} {{len .Config.Labels}} {{len .Name}} "
         "{{len .Config.Volumes}}",
         "2 3 4 0"},
        {"{{join .Config.Cmd \" \"}}|{{upper .Name}}|{{lower \"ABC\"}}|{{title "
         "\"hello world\"}}",
         "sleep 1000|/WEB|abc|Hello World"},
        {"{{pad .Name 2 3}}|{{pad \"\" 2 3}}|{{truncate .Id 5}}|{{truncate "
         "\"ab\" 5}}",
         "  /web   ||6eefe|ab"},
        {"{{split \"a,b,c\" \",\"}} {{len (split \"\" \",\")}} {{split \"ab\" "
         "\"\"}} {{split \"a,\" \",\" | json}}",
         "[a b c] 1 [a b] [\"a\",\"\"]"},
        {"{{println .Name \"x\" 3}}|{{print 1 2 \"a\" \"b\" 3 4}}",
         "/web x 3\n|1 2ab3 4"},
        {"{{printf \"%s-%d-%v-%q-%5s|%-5s|%05d|%x\" .Name 3 true \"q\" \"r\" "
         "\"l\" 42 255}}",
         "/web-3-true-\"q\"-    r|l    |00042|ff"},
        {"{{printf \"%t %f %.2f %e %c %g %+d %x %%\" true 1.5 2.345 1.5 65 0.5 "
         "3 "
         "\"az\"}}",
         "true 1.500000 2.35 1.500000e+00 A 0.5 +3 617a %"},
        {"{{.Id | printf \"%.12s\"}}", "6eefead36347"},
        {"{{index .Config.Labels \"x\"}}{{index .Config.Labels \"nope\"}}|",
         "y|"},
        {"{{index .NetworkSettings.Ports \"1/tcp\"}}", "<no value>"},
        {"{{slice .Id 0 4}} {{slice .Config.Cmd 0 1}} {{slice .Name 1}}",
         "6eef [sleep] web"},
        {"{{lt 1 2}} {{le 2 2}} {{gt \"b\" \"a\"}} {{ge 1 3}} {{ne 1 2}}",
         "true true true false true"},
        {"{{eq .HostConfig.Memory 67108864}} {{eq .Config.Volumes nil}}",
         "true true"},
        {"{{json .Name}} {{json \"<a&b>\"}}", "\"/web\" \"<a&b>\""},
    });
    CHECK(Template("{{json .}}").fill(object) == object.dump());
}

TEST_CASE("a wrong template is refused with what is wrong, and where") {
    const Table table = {
        {"{{.Name", "character 1: {{ without }}"},
        {"{{.Name}} {{", "character 11: {{ without }}"},
        {"{{}}", "character 3: a field or a function is missing here"},
        {"{{range .Config.Env}}", "character 3: {{range}} without {{end}}"},
        {"{{if .Name}}a{{else}}b", "character 3: {{if}} without {{end}}"},
        {"a{{end}}", "character 2: {{end}} without a beginning"},
        {"{{if}}x{{end}}", "character 5: a field or a function is missing"},
        {"{{break}}", "character 3: {{break}} outside of a range"},
        {"{{define \"x\"}}{{end}}", "{{define}} is not supported"},
        {"{{nofunc .Name}}", "character 3: there is no function \"nofunc\""},
        {"{{uper .Name}}", "did you mean upper?"},
        {"{{Name}}", "a field begins with a point: .Name"},
        {"{{$y}}", "character 3: there is no variable $y"},
        {"{{range .Mounts}}{{$x := 1}}{{end}}{{$x}}", "no variable $x"},
        {"{{.Config..Env}}", "character 10: unexpected \".\""},
        {"{{.Name \"x\"}}", "character 3: a field takes no arguments"},
        {"{{3 | .Name}}", "character 7: a field takes no arguments"},
        {"{{\"a\" 3}}", "character 3: this is no function"},
        {"{{\"a}}", "\" without a second one"},
        {"{{`a}}", "` without a second one"},
        {"{{\"\\z\"}}", "unknown escape"},
        {"{{'ab'}}", "' ' must hold one letter"},
        {"{{/* x }}", "/* without */"},
        {"{{/* x */ y}}", "a comment ends with */}}"},
        {"{{(.Name}}", "( without )"},
        {"{{.Name)}}", "unexpected \")\""},
        {"{{1x}}", "\"1x\" is no number"},
        {"{{.Name ~}}", "character 9: unexpected \"~\""},
        {"{{.Nope}}", "character 3: there is no field \"Nope\"\nthere are: Id"},
        {"{{.State.Nope}}", "there are: Status, Running, Paused"},
        {"{{.Name.More}}", "there is nothing below it"},
        {"{{.Config.Env.X}}", "there is no field \"X\""},
        {"{{.name}}", "there is no field \"name\""},
        {"{{json}}", "json wants 1 argument, not 0"},
        {"{{join .Config.Cmd}}", "join wants 2 arguments, not 1"},
        {"{{index}}", "index wants at least 1 argument, not 0"},
        {"{{join .Name \",\"}}", "join: wants a list, not a text"},
        {"{{len 3}}", "len: a number has no length"},
        {"{{lt .Name 3}}", "lt: cannot compare a text and a number"},
        {"{{eq 1 \"a\"}}", "eq: cannot compare a number and a text"},
        {"{{index .Config.Env 5}}", "index: item 5 of 2"},
        {"{{index .Config.Volumes 0}}", "nothing to take an item of"},
        {"{{slice .Name 3 9}}", "slice: no part from 3 to 9 of 4"},
        {"{{range .Name}}{{end}}", "a range over a text"},
        {"{{printf \"%d\" \"x\"}}", "%d wants a whole number, not a text"},
        {"{{printf \"%s\"}}", "fewer values than % signs"},
        {"{{printf \"x\" 3}}", "more values than % signs"},
        {"{{printf \"%y\" 3}}", "%y is not known"},
        {"{{printf \"%99999d\" 3}}", "a width beyond 10000"},
        {"{{pad .Name 99999999999 1}}", "the text becomes too long"},
    };
    for (const auto& [form, wanted] : table) {
        INFO(form);
        CHECK(refused(form).find(wanted) != std::string::npos);
        CHECK(refused(form).starts_with("--format: character "));
    }
}

TEST_CASE("a template that would never end is refused") {
    std::string form = "{{$x := .Config.Env}}";
    for (int i = 0; i < 30; ++i) form += "{{range $.Config.Env}}";
    form += "x";
    for (int i = 0; i < 30; ++i) form += "{{end}}";
    CHECK(refused(form.c_str()).find("does not come to an end") !=
          std::string::npos);
    std::string doubled = "{{$x := \"0123456789abcdef\"}}";
    for (int i = 0; i < 40; ++i) doubled += "{{$x = print $x $x}}";
    CHECK(refused(doubled.c_str()).find("does not come to an end") !=
          std::string::npos);
    std::string deep;
    for (int i = 0; i < 5000; ++i) deep += "(";
    CHECK(refused(("{{" + deep + "}}").c_str()).find("too deeply") !=
          std::string::npos);
    deep.clear();
    for (int i = 0; i < 5000; ++i) deep += "{{if 1}}";
    CHECK(refused(deep.c_str()).find("too deeply") != std::string::npos);
}

TEST_CASE("names that begin with a point are methods") {
    ordered_json row = {{"ID", "a"}, {".Label", {{"x.y", "z"}}}};
    CHECK(Template("{{.Label \"x.y\"}}|{{.Label \"no\"}}").fill(row) == "z|");
    CHECK(Template("{{json .}}").fill(row) == "{\"ID\":\"a\"}");
    CHECK_THROWS_AS(Template("{{.Label}}").fill(row), Error);
    CHECK_THROWS_AS(Template("{{.Nope \"x\"}}").fill(row), Error);
    CHECK_THROWS_AS(Template("{{.Nope}}").fill(row), Error);
}

TEST_CASE("the titles of a template are its fields") {
    auto titles = [](const char* form) {
        return Template(form).titles([](std::string_view field) {
            return "<" + std::string(field) + ">";
        });
    };
    CHECK(titles("{{.ID}}\\t{{.A.B}}") == "<ID>\t<B>");
    CHECK(titles("{{upper .ID}}: {{json .ID}} {{printf \"%s\" .ID}}") ==
          "<ID>: <ID> %s");
    CHECK(titles("{{if .ID}}x{{end}}") == "x");
    CHECK(titles("{{.Label \"a.b\"}}") == "<.Label a.b>");
    CHECK(titles("{{range .ID}}x{{end}}").empty());
}
