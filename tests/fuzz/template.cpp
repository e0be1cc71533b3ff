// Templates: whatever is written, filling ends with a text or an Error, and the
// same template gives the same text again.
#include "common/template.hpp"

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "tests/fuzz/input.hpp"

namespace {

const nlohmann::ordered_json object = nlohmann::ordered_json::parse(R"({
    "A": "text", "B": {"C": [1, "x", null, 2.5], "d": {"k": "v"}}, "E": true,
    ".L": {"k": "v"}})");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    using namespace slipway;
    // Pieces of templates are likelier than letters that make one by chance.
    static const char* const pieces[] = {
        "{{",          "}}",      "{{- ",     " -}}",  ".A",
        ".B.C",        ".B",      " ",        "$x",    " := ",
        " = ",         "if ",     "else ",    "end",   "range ",
        "with ",       "(",       ")",        " | ",   "json ",
        "index ",      "printf ", "\"%v\"",   "\"k\"", "0",
        "1",           "len ",    "eq ",      "and ",  "slice ",
        "split ",      "{{end}}", "{{else}}", "break", "{{range .B.C}}",
        "{{$x := .}}", "pad ",    "/* */",    "join ", "nil"};
    std::string form;
    for (std::size_t i = 0; i < size && form.size() < 2000; ++i)
        if (data[i] >= 128)
            form += pieces[data[i] % std::size(pieces)];
        else
            form += static_cast<char>(data[i]);
    try {
        Template filled(form);
        filled.titles(
            [](std::string_view field) { return std::string(field); });
        must(filled.fill(object) == filled.fill(object));
    } catch (const Error& error) {
        must(error.message().starts_with("--format: character "));
    }
    return 0;
}
