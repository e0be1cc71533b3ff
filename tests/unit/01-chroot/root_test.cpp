#include "01-chroot/root.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/process.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "unit/catch.hpp"

using namespace slipway;
namespace fs = std::filesystem;

namespace {

Error error_of(const std::function<void()>& body) {
    try {
        start_child(Why{"test"}, body).wait();
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::System, "no error");
}

}  // namespace

TEST_CASE("a root that is missing or no folder is named, with advice") {
    TempDir dir("root");
    std::ofstream(dir.path() + "/file") << "x";
    Error error = error_of([&] { enter_root(dir.path() + "/none"); });
    CHECK(error.message() ==
          "root filesystem " + dir.path() + "/none: No such file or directory");
    CHECK_THAT(error.advice(), ContainsSubstring("./dev rootfs"));
    error = error_of([&] { enter_root(dir.path() + "/file"); });
    CHECK_THAT(error.message(), ContainsSubstring("is no folder"));
    error = error_of([&] { enter_root(""); });
    CHECK(error.kind() == ErrorKind::NotFound);
}

TEST_CASE("root and working directory both move") {
    if (::geteuid() != 0) {
        WARN("skipped: chroot needs root");
        return;
    }
    TempDir dir("root");
    std::ofstream(dir.path() + "/mark") << "x";
    Error error = error_of([&] {
        enter_root(dir.path());
        if (!fs::exists("/mark") || !fs::exists("mark") || fs::exists("/etc"))
            throw Error(ErrorKind::System, "still outside");
    });
    CHECK(error.message() == "no error");
}

TEST_CASE("without the privilege, the user-namespace way is told") {
    TempDir dir("root");
    fs::permissions(dir.path(), fs::perms(0755));
    Error error = error_of([&] {
        if (::geteuid() == 0) check(::setuid(65534), "setuid");
        enter_root(dir.path());
    });
    CHECK(error.system_errno() == EPERM);
    CHECK_THAT(error.advice(), ContainsSubstring("unshare --map-root-user"));
}

TEST_CASE("a working directory that is missing is named") {
    TempDir dir("root");
    Error error = error_of([&] { enter_workdir(dir.path() + "/none"); });
    CHECK(error.kind() == ErrorKind::NotFound);
    CHECK_THAT(error.advice(), ContainsSubstring("mkdir -p"));
}

TEST_CASE("a working directory is no link to an open file") {
    TempDir dir("root");
    UniqueFd outside(::open(dir.path().c_str(), O_PATH | O_DIRECTORY));
    std::string link = cat("/proc/self/fd/", outside.get());
    CHECK(error_of([&] { enter_workdir(link); }).system_errno() == ELOOP);
    CHECK(error_of([&] { enter_workdir(link + "/."); }).system_errno() ==
          ELOOP);
}
