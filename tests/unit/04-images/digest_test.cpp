#include "04-images/digest.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("digests of known bytes, whole and in pieces") {
    constexpr char empty[] =
        "sha256:"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    constexpr char abc[] =
        "sha256:"
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    CHECK(Digest::of("").text() == empty);
    CHECK(Digest::of("abc").text() == abc);
    Sha256 hash;
    hash.add("a");
    hash.add("");
    hash.add("bc");
    CHECK(hash.finish() == Digest::parse(abc));
    CHECK(Digest::parse(abc).hex().size() == 64);
}

TEST_CASE("what is no digest is refused") {
    std::string hex(64, 'a');
    std::string text = GENERATE_COPY(
        as<std::string>{}, "", "sha256:", "sha256:" + hex.substr(1),
        "sha256:" + hex + "a", "sha256:" + std::string(64, 'A'),
        "sha512:" + hex, hex, "sha256:" + std::string(64, '.'),
        "sha256:../" + hex.substr(3), " sha256:" + hex);
    CHECK_THROWS_AS(Digest::parse(text), Error);
}
