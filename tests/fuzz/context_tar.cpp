// A tar that anybody may have sent: as a context, and as what ADD unpacks into
// a plan. Nothing outside is read or written, and a plan that is made can be
// written.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "05-build/context.hpp"
#include "05-build/copy_plan.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/unit/04-images/stream_fixture.hpp"
#include "tests/unit/04-images/tar_fixture.hpp"

using namespace slipway;
namespace fs = std::filesystem;

namespace {

struct Folders {
    TempDir outside{"fuzz"};
    std::string scratch = outside.path() + "/scratch";
    std::string stage = outside.path() + "/stage";
    std::string victim = outside.path() + "/victim";

    Folders() {
        for (const std::string& path : {victim, stage, stage + "/d"})
            fs::create_directory(path);
        write_file_atomic(victim + "/file", "untouched", 0600);
        fs::create_symlink("/d/../..", stage + "/up");
        fs::create_directory_symlink(victim, stage + "/d/victim");
    }
};

Folders& folders() {
    static Folders only;
    return only;
}

std::string name_from(Bytes& bytes) {
    static const std::string inside = folders().outside.path().substr(1);
    static const std::string parts[] = {
        "a",  "b",    "l", "..", ".",    "victim", "file",         "Dockerfile",
        "up", ".wh.", "d", "",   inside, "\xff\n", ".dockerignore"};
    return name_of(bytes, parts);
}

std::string entry_from(Bytes& bytes) {
    HeaderFields header{.name = name_from(bytes)};
    header.type = "0001223456"[bytes.next(10)];
    std::string content;
    if (header.type == '0') content.resize(bytes.next(3) * 600, '*');
    if (header.type == '1' || header.type == '2')
        header.link = name_from(bytes);
    if (header.type == '3') header.major = bytes.next(2) == 0 ? 1 : 0;
    return tar_entry(header, content);
}

std::string chosen(std::string_view data) {
    std::string tar = tar_file("Dockerfile", "FROM a");
    for (Bytes bytes{data}; !bytes.rest.empty();) tar += entry_from(bytes);
    return tar + tar_end();
}

void check_outside() {
    struct stat info {};
    must(std::distance(fs::directory_iterator(folders().victim), {}) == 1);
    must(::lstat((folders().victim + "/file").c_str(), &info) == 0);
    must(info.st_nlink == 1 && info.st_size == 9);
    must((info.st_mode & 07777) == 0600 && info.st_uid == ::geteuid());
}

// By its hash: a text that is compared, the fuzzer would learn.
const ContentHash& secret() {
    static const ContentHash hash = hash_of("untouched");
    return hash;
}

void write_plan(const CopyRequest& request) {
    LayerPlan plan = plan_copy(request);
    for (const PlanEntry& entry : plan.entries) {
        must(!entry.name.empty() && entry.name[0] != '/');
        must(("/" + entry.name + "/").find("/../") == std::string::npos);
        must(entry.name.find("//") == std::string::npos);
        must(entry.content != secret());
    }
    std::uint64_t size = 0;
    write_layer(plan, [&](std::string_view more) { size += more.size(); });
    must(size % 512 == 0);
    digest_of(plan);
}

template <class Body>
void tolerate(Body&& body) {
    try {
        body();
    } catch (const Error& error) {
        must(!error.message().empty() && error.message().size() < 20'000);
        for (char c : error.message()) must(c != '\x1b' && c != '\n');
    }
}

void as_context(const std::string& tar) {
    remove_tree(folders().scratch);
    fs::create_directory(folders().scratch);
    BuildContext context = open_context({.context = "-",
                                         .scratch = folders().scratch,
                                         .input = source_from(tar),
                                         .most_bytes = 1 << 20});
    must(hash_of(context.dockerfile) != secret());
    for (const char* source : {".", "*", "l", "a/b", "*/*", "l/file"})
        tolerate([&] {
            write_plan({.source = &context.tree,
                        .sources = {source},
                        .destination = "/d/"});
        });
}

void as_archive(const std::string& tar) {
    static const std::string file = folders().outside.path() + "/tars";
    fs::create_directories(file);
    std::string path = file + "/a.tar";
    UniqueFd fd(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    write_all(fd.get(), tar);
    SourceTree tree = open_source_tree(file);
    UniqueFd stage(
        ::open(folders().stage.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    write_plan({.source = &tree,
                .sources = {"a.tar"},
                .destination = "/d",
                .is_add = true,
                .parent_root = stage.get()});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    if (size == 0) return 0;
    std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::string tar = data[0] % 8 == 0 ? std::string(bytes) : chosen(bytes);
    tolerate([&] {
        if (data[0] % 2 == 0)
            as_context(tar);
        else
            as_archive(tar);
    });
    check_outside();
    return 0;
}
