#include "04-images/run_image.hpp"

#include <fcntl.h>

#include <filesystem>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "unit/catch.hpp"

using namespace slipway;

using Words = std::vector<std::string>;

TEST_CASE("entrypoint and command are joined as Docker joins them") {
    RunConfig image;
    image.entrypoint = {"serve", "--now"};
    image.cmd = {"all"};
    CHECK(command_of(image, {}) == Words{"serve", "--now", "all"});
    RunOverrides typed;
    typed.command = {"some", "more"};
    CHECK(command_of(image, typed) == Words{"serve", "--now", "some", "more"});
    typed.entrypoint = "sh";
    CHECK(command_of(image, typed) == Words{"sh", "some", "more"});
    typed.command.clear();
    CHECK(command_of(image, typed) == Words{"sh"});
    typed.entrypoint = "";
    CHECK_THROWS_AS(command_of(image, typed), Error);
    CHECK_THROWS_AS(command_of({}, {}), Error);
}

TEST_CASE("what is typed wins over the image's environment") {
    RunConfig image;
    image.env = {"PATH=/opt/bin", "A=1", "B=2", "=odd", "odd"};
    RunOverrides typed;
    typed.environment = {"B=3"};
    Words environment = environment_of(image, typed);
    CHECK(environment_value(environment, "PATH") == "/opt/bin");
    CHECK(environment_value(environment, "A") == "1");
    CHECK(environment_value(environment, "B") == "3");
    CHECK(environment_value(environment, "HOME").empty());  // found inside
    CHECK(environment_value(environment_of({}, {}), "PATH") == default_path);
}

TEST_CASE("a working directory is made, but never through an open file") {
    TempDir dir("workdir");
    prepare_inside("0", dir.path() + "/a//b/", {});
    CHECK(std::filesystem::is_directory(dir.path() + "/a/b"));
    UniqueFd open(::open(dir.path().c_str(), O_PATH | O_DIRECTORY));
    std::string link = cat("/proc/self/fd/", open.get());
    CHECK_THROWS_AS(prepare_inside("0", link + "/planted", {}), Error);
    CHECK(!std::filesystem::exists(dir.path() + "/planted"));
}
