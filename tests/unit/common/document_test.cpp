#include "common/document.hpp"

#include <chrono>

#include "common/error.hpp"
#include "common/numbers.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

template <class Read>
std::string why(Read read) {
    try {
        read();
    } catch (const Error& error) {
        return error.message();
    }
    return "accepted";
}

std::string why_not(const std::string& bytes) {
    return why([&] { parse_document(bytes, "doc", 1 << 20); });
}

std::string nested(int depth) {
    return R"({"a":)" + std::string(static_cast<std::size_t>(depth - 1), '[') +
           std::string(static_cast<std::size_t>(depth - 1), ']') + "}";
}

}  // namespace

TEST_CASE("what is no document is refused") {
    CHECK_NOTHROW(parse_document("{}", "doc", 2));
    CHECK(why([] { parse_document("{} ", "doc", 2); }) ==
          "doc: it is larger than 2 B");
    for (const char* bytes : {"", "{", "{}x", "{'a':1}", "{\"a\":\"\xff\"}",
                              "{\"a\":01}", "nul", "{\"a\":1,}"})
        CHECK_THAT(why_not(bytes), ContainsSubstring("doc: no JSON"));
    CHECK_THAT(why_not(R"({"a":1e999})"), ContainsSubstring("out of range"));
    for (const char* bytes : {"[]", "1", "\"a\"", "null"})
        CHECK(why_not(bytes) == "doc: it is no object");
}

TEST_CASE("a document has a greatest depth and number of values") {
    CHECK_NOTHROW(parse_document(nested(deepest_document), "doc", 1 << 20));
    CHECK(why_not(nested(deepest_document + 1)) ==
          "doc: nested more than 32 deep");
    CHECK_THAT(why_not(std::string(1 << 19, '[')),
               ContainsSubstring("nested more than 32"));
    std::string many = R"({"a":[1)";
    for (std::size_t i = 3; i < most_json_values; ++i) many += ",1";
    CHECK_NOTHROW(parse_document(many + "]}", "doc", 1 << 20));
    CHECK_THAT(why_not(many + ",1,1]}"), ContainsSubstring("100000 values"));
}

TEST_CASE("an object of many fields takes no quadratic time") {
    std::string many = R"({"a":1)";
    for (int i = 0; i < 90'000; ++i) many += cat(",\"k", i, "\":1");
    auto start = std::chrono::steady_clock::now();
    CHECK_NOTHROW(parse_document(many + "}", "doc", 4 << 20));
    // 0.1 s; by linear search it would be minutes.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("a field that is given twice is refused, at any depth") {
    CHECK(why_not(R"({"a":1,"a":2})") == "doc: two fields named \"a\"");
    CHECK(why_not(R"({"a":[{"b":{"c":1},"b":1}]})") ==
          "doc: two fields named \"b\"");
    CHECK(why_not("{\"a\":1,\"\\u0061\":2}") == "doc: two fields named \"a\"");
    CHECK(why_not(R"({"a":[{"b":1},{"b":2}],"b":3})") == "accepted");
}

TEST_CASE("fields are of the type that is asked for, or an error names them") {
    DocumentField doc = parse_document(
        R"({"n":7,"neg":-1,"f":1.0,"big":18446744073709551616,"t":"x",
            "b":true,"l":[{"t":"y"},{"t":1}],"o":{"A B":"1"},"nul":"a\u0000b",
            "none":null,"mix":["a",1]})",
        "doc", 1000);
    CHECK(doc.at("n").number(7) == 7);
    CHECK(doc.at("t").text() == "x");
    CHECK(doc.at("b").truth());
    CHECK(doc.at("o").text_map().at("A B") == "1");
    CHECK_FALSE(doc.find("none"));
    CHECK_FALSE(doc.find("other"));
    CHECK(doc.mentions("none"));
    CHECK(why([&] { doc.at("none"); }) == "doc: none is missing");
    CHECK(why([&] { doc.at("n").number(6); }) ==
          "doc: n: it is no whole number from 0 to 6");
    for (const char* key : {"neg", "f", "big", "t", "l"})
        CHECK_THAT(why([&] { doc.at(key).number(UINT64_MAX); }),
                   ContainsSubstring("no whole number"));
    CHECK(why([&] { doc.at("n").text(); }) == "doc: n: it is no text");
    CHECK(why([&] { doc.at("n").truth(); }) ==
          "doc: n: it is neither true nor false");
    CHECK(why([&] { doc.at("o").items(9); }) == "doc: o: it is no list");
    CHECK(why([&] { doc.at("l").names(); }) == "doc: l: it is no object");
    CHECK(why([&] { doc.at("t").find("x"); }) == "doc: t: it is no object");
    CHECK(why([&] { doc.at("l").items(9)[1].at("t").text(); }) ==
          "doc: l[1].t: it is no text");
    CHECK(why([&] { doc.at("l").items(1); }) ==
          "doc: l: 2 entries; at most 1 are taken");
    CHECK(why([&] { doc.at("o").at("A B").number(1); }) ==
          "doc: o.\"A B\": it is no whole number from 0 to 1");
    CHECK(why([&] { doc.at("mix").texts(); }) == "doc: mix[1]: it is no text");
    CHECK(why([&] { doc.at("nul").text(); }) ==
          "doc: nul: it has a NUL byte in it");
    CHECK(doc.at("neg").integer(-1, 0) == -1);
    CHECK(doc.at("n").integer(-1, 7) == 7);
    CHECK(why([&] { doc.at("neg").integer(0, 9); }) ==
          "doc: neg: it is no whole number from 0 to 9");
    for (const char* key : {"f", "big", "t"})
        CHECK_THAT(why([&] { doc.at(key).integer(INT64_MIN, INT64_MAX); }),
                   ContainsSubstring("no whole number"));
}

TEST_CASE("the advice of a document goes with each of its errors") {
    auto advice = [](auto read) {
        try {
            read();
        } catch (const Error& error) {
            return error.advice();
        }
        return std::string("accepted");
    };
    auto parse = [](const char* text) {
        return parse_document(text, "doc", 9, "ask its author");
    };
    CHECK(advice([&] { parse("{"); }) == "ask its author");
    CHECK(advice([&] { parse("[1,2,3,4,5]"); }) == "ask its author");
    CHECK(advice([&] { parse(R"({"a":[]})").at("a").text(); }) ==
          "ask its author");
}

TEST_CASE("a field outlives the name of its document") {
    auto field = parse_document(R"({"a":{"b":"c"}})", "doc", 100).at("a");
    CHECK(field.at("b").text() == "c");
}
