#include "04-images/foreign_json.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/error.hpp"

namespace slipway {

namespace {

// The library parses without recursion, but whoever walks, prints or destroys
// the result may recurse. So it is found out beforehand.
int depth_of(std::string_view text) {
    int depth = 0;
    int deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;  // what follows ends no string
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            deepest = std::max(deepest, ++depth);
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return deepest;
}

}  // namespace

nlohmann::ordered_json parse_foreign_json(std::string_view text) {
    if (depth_of(text) > deepest_json)
        throw Error(ErrorKind::InvalidArgument,
                    cat("JSON nested more than ", deepest_json, " deep"));
    try {
        return nlohmann::ordered_json::parse(text);
    } catch (const nlohmann::ordered_json::parse_error& error) {
        throw Error(ErrorKind::InvalidArgument,
                    cat("no JSON: it goes wrong at byte ", error.byte));
    } catch (const nlohmann::ordered_json::exception&) {
        throw Error(ErrorKind::InvalidArgument,
                    "no JSON: it has a number out of range");
    }
}

}  // namespace slipway
