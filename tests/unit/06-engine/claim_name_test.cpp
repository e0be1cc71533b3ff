#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "06-engine/engine/container_files.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

// As a container is made and removed: the folder is first to come and to go.
// False: another one has taken the name away.
bool claim_and_release(const Engine& engine) {
    std::string id = new_id(), folder = engine.folder_of(id);
    check(::mkdir(folder.c_str(), 0700), "create ", folder);
    write_file_atomic(folder + "/container.json", "{}", 0600, ToDisk::Later);
    try {
        claim_name(engine, "web", id);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Conflict) throw;
        move_to_trash(engine, folder);
        return true;
    }
    bool kept = owner_of_name(engine, "web") == id;
    move_to_trash(engine, folder);
    release_name(engine, "web", id);
    return kept;
}

}  // namespace

TEST_CASE("a name is one container's, however many want it and let go of it") {
    TempDir root("names");
    Engine engine;
    engine.root = root.path();
    for (const std::string& path :
         {engine.containers(), engine.names(), engine.trash()})
        std::filesystem::create_directories(path);
    constexpr int threads = 4, rounds = 1500;
    std::atomic<int> lost = 0;
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i)
        all.emplace_back([&] {
            for (int n = 0; n < rounds; ++n)
                if (!claim_and_release(engine)) ++lost;
        });
    for (std::thread& each : all) each.join();
    CHECK(lost == 0);
    CHECK(std::filesystem::is_empty(engine.names()));
}
