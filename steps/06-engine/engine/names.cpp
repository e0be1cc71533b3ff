#include "06-engine/engine/names.hpp"

#include <sys/random.h>

#include <cstdint>
#include <iterator>

#include "06-engine/engine/name_words.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::size_t random_below(std::size_t count) {
    std::uint64_t number = 0;
    check(::getrandom(&number, sizeof number, 0), "getrandom");
    return number % count;
}

}  // namespace

std::string random_name(int attempt) {
    while (true) {
        std::string name =
            cat(name_adjectives[random_below(std::size(name_adjectives))], "_",
                name_surnames[random_below(std::size(name_surnames))]);
        // As Docker has it: Steve Wozniak is not boring.
        if (name == "boring_wozniak") continue;
        constexpr std::size_t digits = 10;
        return attempt > 0 ? cat(name, random_below(digits)) : name;
    }
}

}  // namespace slipway
