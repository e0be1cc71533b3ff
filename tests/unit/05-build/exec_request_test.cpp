#include "05-build/exec_request.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("what is asked for arrives, byte for byte") {
    ExecRequest request;
    request.layers = {"/a b", "/c\xff"};
    request.upper = "/upper";
    request.user_xattr = true;
    request.command = {"sh", "-c", "echo \"x\"\n"};
    request.environment = {"A=\x01\xfe"};
    request.network = ExecNetwork::Host;
    request.memory = 1 << 20;
    ExecMount secret{ExecMount::Kind::File, "/run/secrets/s"};
    secret.content = std::string("\0binary\xff", 8);
    secret.mode = 0400;
    secret.uid = 7;
    ExecMount tree{ExecMount::Kind::Tree, "/src"};
    tree.layers = {"/one", "/two"};
    tree.read_only = true;
    request.mounts = {secret, tree};

    ExecRequest read = parse_exec_request(exec_request_text(request));
    CHECK(read.layers == request.layers);
    CHECK(read.upper == "/upper");
    CHECK(read.user_xattr);
    CHECK(read.command == request.command);
    CHECK(read.environment == request.environment);
    CHECK(read.network == ExecNetwork::Host);
    CHECK(read.memory == 1U << 20);
    CHECK_FALSE(read.pids);
    REQUIRE(read.mounts.size() == 2);
    CHECK(read.mounts[0].content == secret.content);
    CHECK(read.mounts[0].mode == 0400);
    CHECK(read.mounts[0].uid == 7);
    CHECK(read.mounts[1].kind == ExecMount::Kind::Tree);
    CHECK(read.mounts[1].layers == tree.layers);
    CHECK(read.mounts[1].read_only);
}

TEST_CASE("anything else is refused") {
    std::string whole = exec_request_text({});
    for (std::size_t size : {std::size_t{0}, std::size_t{1}, whole.size() - 1})
        CHECK_THROWS_AS(parse_exec_request(whole.substr(0, size)), Error);
    CHECK_THROWS_AS(parse_exec_request("{}"), Error);
}
