#include "04-images/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

struct Place {
    TempDir folder{"output"};
    std::string file = folder.path() + "/file";

    mode_t type() const {
        struct stat about {};
        return ::lstat(file.c_str(), &about) == 0 ? about.st_mode & S_IFMT : 0;
    }
    auto files() const {
        return std::distance(std::filesystem::directory_iterator(folder.path()),
                             {});
    }
};

}  // namespace

TEST_CASE("a file has its name when it is whole, and else not at all") {
    Place place;
    {
        OutputFile output(place.file);
        output.sink()("half");
        CHECK(place.type() == 0);
    }
    CHECK(place.files() == 0);
    write_file_atomic(place.file, "old");
    OutputFile output(place.file);
    output.sink()("new");
    CHECK(read_file(place.file, 9) == "old");
    output.finish();
    CHECK(read_file(place.file, 9) == "new");
    CHECK(place.files() == 1);
}

TEST_CASE("two who write to one path do not write into one another") {
    Place place;
    OutputFile first(place.file), second(place.file);
    first.sink()("first");
    second.sink()("2nd");
    first.finish();
    CHECK(read_file(place.file, 9) == "first");
    second.finish();
    CHECK(read_file(place.file, 9) == "2nd");
    CHECK(place.files() == 1);
}

TEST_CASE("the mode of a file is what the umask leaves") {
    Place place;
    mode_t before = ::umask(077);
    write_output_file(place.file, "x");
    ::umask(before);
    struct stat about {};
    REQUIRE(::stat(place.file.c_str(), &about) == 0);
    CHECK((about.st_mode & 07777) == 0600);
}

TEST_CASE("a FIFO stays one, and gets the bytes") {
    Place place;
    REQUIRE(::mkfifo(place.file.c_str(), 0600) == 0);
    UniqueFd reader(::open(place.file.c_str(), O_RDWR | O_CLOEXEC));
    write_output_file(place.file, "bytes");
    CHECK(place.type() == S_IFIFO);
    char bytes[9];
    CHECK(::read(reader.get(), bytes, sizeof bytes) == 5);
    CHECK(place.files() == 1);
}

TEST_CASE("a symlink stays one, and its target gets the bytes") {
    Place place;
    std::string target = place.folder.path() + "/target";
    write_file_atomic(target, "longer than what comes");
    std::filesystem::create_symlink(target, place.file);
    write_output_file(place.file, "bytes");
    CHECK(place.type() == S_IFLNK);
    CHECK(read_file(target, 99) == "bytes");
}

TEST_CASE("a device stays one") {
    Place place;
    dev_t null = ::makedev(1, 3);
    if (::mknod(place.file.c_str(), S_IFCHR | 0600, null) != 0) return;
    if (!UniqueFd(::open(place.file.c_str(), O_WRONLY | O_CLOEXEC))) return;
    write_output_file(place.file, "bytes");
    CHECK(place.type() == S_IFCHR);
    CHECK(place.files() == 1);
}

TEST_CASE("a folder is no file") {
    Place place;
    CHECK_THROWS_AS(OutputFile(place.folder.path()), Error);
}
