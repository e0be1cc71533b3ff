#include "04-images/foreign_json.hpp"

#include <vector>

#include "04-images/json_events.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

[[noreturn]] void refuse(std::string_view why) {
    throw Error(ErrorKind::InvalidArgument, why);
}

/// Reads a document without keeping it. What is no JSON is left to the parser,
/// which knows why.
class Limits : public JsonEvents {
  public:
    bool start_object(std::size_t) override {
        // The library parses without recursion, but whoever walks, prints or
        // destroys the result may recurse.
        enter();
        return true;
    }
    bool start_array(std::size_t) override {
        enter();
        return true;
    }
    bool end_object() override { return leave(); }
    bool end_array() override { return leave(); }
    bool key(string_t&) override {
        if (++fields_.back() > most_json_fields)
            refuse(cat("a JSON object of more than ", most_json_fields,
                       " fields"));
        return true;
    }

  private:
    void enter() {
        if (fields_.size() == deepest_json)
            refuse(cat("JSON nested more than ", deepest_json, " deep"));
        fields_.push_back(0);
    }
    bool leave() {
        fields_.pop_back();
        return true;
    }
    std::vector<std::size_t> fields_;  // of each that is open
};

}  // namespace

nlohmann::ordered_json parse_foreign_json(std::string_view text) {
    Limits limits;
    nlohmann::json::sax_parse(text, &limits);
    try {
        return nlohmann::ordered_json::parse(text);
    } catch (const nlohmann::ordered_json::parse_error& error) {
        refuse(cat("no JSON: it goes wrong at byte ", error.byte));
    } catch (const nlohmann::ordered_json::exception&) {
        refuse("no JSON: it has a number out of range");
    }
}

}  // namespace slipway
