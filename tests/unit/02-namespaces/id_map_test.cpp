#include "02-namespaces/id_map.hpp"

#include <sstream>

#include "common/text.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

// "INSIDE:OUTSIDE:COUNT …"
std::string map_of(const std::string& lines) {
    std::istringstream file(lines);
    std::vector<std::string> ranges;
    for (const IdRange& range : granted_ids(file, "ann", "1000", 1000))
        ranges.push_back(cat(range.inside, ":", range.outside, ":",  //
                             range.count));
    return join(ranges, " ");
}

}  // namespace

TEST_CASE("granted ids: those of the user, by name and by number") {
    CHECK(map_of("") == "0:1000:1");
    CHECK(map_of("bob:100000:65536\n") == "0:1000:1");
    CHECK(map_of("bob:1:2\nann:100000:65536\n") == "0:1000:1 1:100000:65536");
    CHECK(map_of("1000:100000:65536\n") == "0:1000:1 1:100000:65536");
}

TEST_CASE("granted ids: all lines, one after the other") {
    CHECK(map_of("ann:100000:10\nbob:100010:10\nann:300000:65536\n") ==
          "0:1000:1 1:100000:10 11:300000:65536");
}

TEST_CASE("granted ids: none twice, which the kernel would refuse") {
    CHECK(map_of("ann:900:200\n") == "0:1000:1 1:900:100 101:1001:99");
    CHECK(map_of("ann:1000:1\n") == "0:1000:1");
    CHECK(map_of("ann:5000:100\nann:5050:100\n") ==
          "0:1000:1 1:5000:100 101:5100:50");
    CHECK(map_of("ann:5000:100\nann:5010:10\n") == "0:1000:1 1:5000:100");
    CHECK(map_of("ann:5010:10\nann:5000:100\n") ==
          "0:1000:1 1:5010:10 11:5000:10 21:5020:80");
}

TEST_CASE("granted ids: lines that are none") {
    CHECK(map_of("ann\nann:x:5\nann:5000\nann:5000:0\nann:5000:-1\n"
                 "ann:5000:1:2\nann:4294967290:100\n\n") == "0:1000:1");
    std::string many;
    for (int i = 0; i < 1000; ++i) many += cat("ann:", 100000 + 2 * i, ":1\n");
    std::istringstream file(many);
    CHECK(granted_ids(file, "ann", "1000", 1000).size() == 300);
}
