#include "04-images/challenge.hpp"

#include "04-images/url.hpp"
#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("a bearer challenge as Docker Hub sends it") {
    auto found = parse_challenges(
        "Bearer realm=\"https://auth.docker.io/token\","
        "service=\"registry.docker.io\","
        "scope=\"repository:library/nginx:pull,push\"");
    REQUIRE(found.size() == 1);
    CHECK(found[0].scheme == "bearer");
    CHECK(found[0].parameter("realm") == "https://auth.docker.io/token");
    CHECK(found[0].parameter("service") == "registry.docker.io");
    CHECK(found[0].parameter("scope") == "repository:library/nginx:pull,push");
    CHECK_FALSE(found[0].parameter("error"));
}

TEST_CASE("several challenges in one header") {
    auto found = parse_challenges(
        "Negotiate, NTLM abc+/==, BASIC Realm = \"a, b=\\\"c\\\"\" , "
        "charset=UTF-8,, Bearer realm=x");
    REQUIRE(found.size() == 4);
    CHECK(found[0].scheme == "negotiate");
    CHECK(found[0].parameters.empty());
    CHECK(found[1].token == "abc+/==");
    CHECK(found[2].parameter("realm") == "a, b=\"c\"");
    CHECK(found[2].parameter("charset") == "UTF-8");
    CHECK(found[3].scheme == "bearer");
    CHECK(found[3].parameter("realm") == "x");
    CHECK(parse_challenges("").empty());
    CHECK(parse_challenges(" ,, ").empty());
}

TEST_CASE("challenges that may be read in two ways are refused") {
    std::string text = GENERATE(
        as<std::string>{}, "Bearer realm=\"x", "Bearer realm=\"x\\",
        "Bearer realm=\"x\" y", "Bearer realm=\"x\"scope=\"y\"",
        "Bearer realm=x, realm=y", "Bearer realm=x, REALM=y", "\"Bearer\"",
        "=x", "Bearer realm=\"a\nb\"", std::string("Bearer realm=\0x", 15),
        "Bearer realm=\x7f", "Bearer =x", "(", "Basic realm=x;y");
    CAPTURE(text);
    CHECK_THROWS_AS(parse_challenges(text), Error);
}

TEST_CASE("endless challenges are refused") {
    std::string many, parameters = "Basic a0=x";
    for (int i = 0; i < 17; ++i) many += "Basic realm=x, ";
    CHECK_THROWS_WITH(parse_challenges(many), ContainsSubstring("more than"));
    for (int i = 1; i < 17; ++i) parameters += cat(",a", i, "=x");
    CHECK_THROWS_WITH(parse_challenges(parameters),
                      ContainsSubstring("more than"));
    CHECK_THROWS_WITH(
        parse_challenges("Basic realm=\"" + std::string(20'000, 'x') + '"'),
        ContainsSubstring("longer"));
}

TEST_CASE("where a URL leads") {
    Url url = parse_url("https://Registry.Example:443/v2/?a=b#c");
    CHECK(url.host == "registry.example");
    CHECK(url.port == 443);
    CHECK(url.host_and_port() == "registry.example:443");
    CHECK(same_origin(url, parse_url("https://registry.example/x")));
    CHECK_FALSE(same_origin(url, parse_url("http://registry.example:443/")));
    CHECK_FALSE(same_origin(url, parse_url("https://registry.example:444/")));
    CHECK(parse_url("https://a@b/").has_user);
    std::string text =
        GENERATE(as<std::string>{}, "", "registry.example", "ftp://a/",
                 "file:///etc/passwd", "https://", "https://a:0/",
                 "https://a:99999/", "https://a b/", "https://a/\r\nX: y",
                 "https://a/" + std::string(9000, 'x'));
    CAPTURE(text.substr(0, 40));
    CHECK_THROWS_AS(parse_url(text), Error);
}

TEST_CASE("a Location is relative or absolute") {
    Url base = parse_url("https://a.example/v2/x/blobs/uploads/");
    CHECK(resolve_url(base, "/v2/y?s=1").text == "https://a.example/v2/y?s=1");
    CHECK(resolve_url(base, "z").text ==
          "https://a.example/v2/x/blobs/uploads/z");
    CHECK(resolve_url(base, "//b.example/z").host == "b.example");
    CHECK(resolve_url(base, "http://c.example/").scheme == "http");
    CHECK_THROWS_AS(resolve_url(base, "file:///etc/passwd"), Error);
    CHECK_THROWS_AS(resolve_url(base, ""), Error);
}

TEST_CASE("what is on this machine") {
    for (const char* text : {"http://localhost:5000/", "http://127.0.0.1/",
                             "http://127.9.8.7:1/", "http://[::1]:5000/"})
        CHECK(is_loopback(parse_url(text)));
    for (const char* text :
         {"http://localhost.evil.example/", "http://127.evil.example/",
          "http://127.0.0.1.evil.example/", "http://128.0.0.1/",
          "http://[::2]/", "http://localhost@evil.example/"})
        CHECK_FALSE(is_loopback(parse_url(text)));
}

TEST_CASE("queries are encoded and appended") {
    CHECK(with_query("https://a/b", "digest", "sha256:ab&c") ==
          "https://a/b?digest=sha256%3Aab%26c");
    CHECK(with_query("https://a/b?_state=x%2B", "n", "1") ==
          "https://a/b?_state=x%2B&n=1");
}
