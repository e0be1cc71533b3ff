#include "common/error.hpp"

#include <fcntl.h>

#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("check passes results on and turns -1 into an Error") {
    CHECK(check(7, "never") == 7);
    try {
        check(::open("/no/such/file", O_RDONLY), "open ", "/no/such/file");
        FAIL("check let -1 pass");
    } catch (const Error& error) {
        CHECK(error.message() ==
              "open /no/such/file: No such file or directory");
        CHECK(error.kind() == ErrorKind::NotFound);
        CHECK(error.system_errno() == ENOENT);
        CHECK(error.exit_code() == exit_engine_error);
    }
}

TEST_CASE("with_context puts the subject in front, outermost first") {
    auto fails = [] {
        with_context("container web", [] {
            with_context("mount /data", [] { throw_errno(ENOSPC, "overlay"); });
        });
    };
    CHECK_THROWS_WITH(
        fails(),
        "container web: mount /data: overlay: No space left on device");
    CHECK(with_context("x", [] { return 5; }) == 5);
}

TEST_CASE("advice: the caller's, else what the errno is known for") {
    CHECK_THAT(Error(ErrorKind::System, "x", ENOSPC).advice(),
               ContainsSubstring("df -h"));
    CHECK(Error(ErrorKind::System, "x", ENOSPC).advise("mine").advice() ==
          "mine");
    CHECK(Error(ErrorKind::System, "x").advice().empty());
}

TEST_CASE("an Error survives the way to another process") {
    Error error = Error(ErrorKind::Forbidden, "no way", EPERM)
                      .advise("try sudo")
                      .exit_with(126);
    Error copy = Error::decode(error.encode());
    CHECK(copy.message() == "no way: Operation not permitted");
    CHECK(copy.kind() == ErrorKind::Forbidden);
    CHECK(copy.system_errno() == EPERM);
    CHECK(copy.advice() == "try sudo");
    CHECK(copy.exit_code() == 126);
}

TEST_CASE("what a child says fits into a message, whatever it is about") {
    std::string bytes =
        Error(ErrorKind::NotFound, std::string(1 << 20, 'x')).encode();
    CHECK(bytes.size() < 100'000);
    CHECK(Error::decode(bytes).kind() == ErrorKind::NotFound);
}

TEST_CASE("broken bytes decode to an Error that says so") {
    std::string bytes = Error(ErrorKind::System, "x").encode();
    std::string cut = bytes.substr(0, GENERATE(0, 1, 8, 13));
    CHECK_THAT(Error::decode(cut).message(), ContainsSubstring("broken error"));
}

TEST_CASE("errno becomes a kind in one place") {
    CHECK(kind_of_errno(ENOENT) == ErrorKind::NotFound);
    CHECK(kind_of_errno(EEXIST) == ErrorKind::Conflict);
    CHECK(kind_of_errno(EACCES) == ErrorKind::Forbidden);
    CHECK(kind_of_errno(ENOSYS) == ErrorKind::Unsupported);
    CHECK(kind_of_errno(EIO) == ErrorKind::System);
}
