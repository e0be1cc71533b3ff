#include "06-engine/engine/names.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "06-engine/engine/name_words.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("random names: words of the lists, with a digit the second time") {
    std::set<std::string> names;
    for (int i = 0; i < 1000; ++i) {
        std::string name = random_name(0);
        CHECK(name != "boring_wozniak");
        CHECK(std::count(name.begin(), name.end(), '_') == 1);
        names.insert(name);
    }
    CHECK(names.size() > 900);
    std::string again = random_name(1);
    CHECK((again.back() >= '0' && again.back() <= '9'));
}

TEST_CASE("the word lists: sorted, each once, letters only") {
    auto check_list = [](const auto& list, std::string_view wanted) {
        CHECK(std::adjacent_find(std::begin(list), std::end(list),
                                 std::greater_equal<>()) == std::end(list));
        CHECK(std::find(std::begin(list), std::end(list), wanted) !=
              std::end(list));
        for (std::string_view word : list)
            CHECK(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz") ==
                  word.npos);
    };
    check_list(name_adjectives, "practical");
    check_list(name_surnames, "lamarr");
    CHECK(std::size(name_adjectives) > 100);
    CHECK(std::size(name_surnames) > 230);
}
