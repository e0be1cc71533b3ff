#include "common/format.hpp"

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using nlohmann::ordered_json;

TEST_CASE("templates are filled with fields") {
    ordered_json object = {
        {"Name", "app"}, {"Size", 3}, {"Config", {{"Env", {"A=1", "B"}}}}};
    CHECK(fill_template("{{.Name}}: {{ .Size }}\\t!", object) == "app: 3\t!");
    CHECK(fill_template("{{json .Name}}", object) == "\"app\"");
    CHECK(fill_template("{{.Config.Env}}", object) == "[A=1 B]");
    CHECK(fill_template("{{json .}}", object) == object.dump());
    CHECK(fill_template("plain", object) == "plain");
    CHECK(fill_template("}} {x}", object) == "}} {x}");
    for (const char* bad :
         {"{{.Nmae}}", "{{.Name.More}}", "{{Name}}", "{{", "{{}}", "{{.Name",
          "{{range .Config}}", "{{.Config..Env}}", "{{json}}"})
        CHECK_THROWS_AS(fill_template(bad, object), Error);
}

TEST_CASE("rows are a table, JSON, or what the template says") {
    std::vector<ordered_json> rows = {{{"ID", "a"}, {"CreatedBy", "RUN x"}},
                                      {{"ID", "bcd"}, {"CreatedBy", ""}}};
    std::vector<Column> columns = {{"ID", "IMAGE ID"},
                                   {"CreatedBy", "CREATED BY"}};
    std::string table =
        "IMAGE ID   CREATED BY\n"
        "a          RUN x\n"
        "bcd        \n";
    CHECK(rows_text(rows, columns, "") == table);
    CHECK(rows_text(rows, columns, "table") == table);
    CHECK(rows_text(rows, columns, "table {{.CreatedBy}}\\t{{.ID}}") ==
          "CREATED BY   IMAGE ID\nRUN x        a\n             bcd\n");
    CHECK(rows_text(rows, columns, "{{.ID}}") == "a\nbcd\n");
    CHECK(rows_text(rows, columns, "json") ==
          "{\"ID\":\"a\",\"CreatedBy\":\"RUN x\"}\n"
          "{\"ID\":\"bcd\",\"CreatedBy\":\"\"}\n");
    CHECK(rows_text({}, columns, "table {{.ID}}") == "IMAGE ID\n");
    CHECK(rows_text({}, columns, "json").empty());
}
