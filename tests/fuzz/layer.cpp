// Layers: tars that anybody may have made. From chance comes no tar, so the
// bytes choose among entries, names and targets that are likely to hurt; or
// they are a tar as they are, with the checksums put right.
#include <sys/stat.h>
#include <sys/xattr.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "04-images/unpack_layer.hpp"
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
    std::string root = outside.path() + "/layer";
    std::string victim = outside.path() + "/victim";

    Folders() {
        fs::create_directory(victim);
        write_file_atomic(victim + "/file", "untouched", 0600);
    }
};

Folders& folders() {
    static Folders only;
    return only;
}

std::string name_from(Bytes& bytes) {
    static const std::string inside = folders().outside.path().substr(1);
    static const std::string parts[] = {
        "a",     "b",         "l",     "..",           ".",     "victim",
        "file",  ".wh.a",     ".wh.l", ".wh..wh..opq", ".wh..", "",
        ".wh.b", ".wh..wh.x", inside,  "\xff\n"};
    return name_of(bytes, parts);
}

std::string entry_from(Bytes& bytes) {
    HeaderFields header{.name = name_from(bytes)};
    header.type = "0123456725"[bytes.next(10)];
    std::string content, before;
    if (header.type == '0') content.resize(bytes.next(3) * 600, 'x');
    if (header.type == '1' || header.type == '2')
        header.link = name_from(bytes);
    if (header.type == '3') header.major = bytes.next(2) == 0 ? 1 : 0;
    switch (bytes.next(8)) {
        case 0:
            before = tar_pax({{"SCHILY.xattr.trusted.overlay.redirect", "/"},
                              {"path", name_from(bytes)}});
            break;
        case 1:
            before = tar_long(name_from(bytes));
            break;
        case 2:
            header.mode = 07777;
            break;
    }
    return before + tar_entry(header, content);
}

std::string chosen(std::string_view data) {
    std::string tar;
    for (Bytes bytes{data}; !bytes.rest.empty();) tar += entry_from(bytes);
    return tar + tar_end();
}

std::string repaired(std::string tar) {
    for (std::size_t at = 0; at + 512 <= tar.size(); at += 512) {
        if (tar[at] == '\0') continue;
        tar.replace(at + 148, 8, "        ");
        long sum = 0;
        for (std::size_t i = 0; i < 512; ++i)
            sum += static_cast<std::uint8_t>(tar[at + i]);
        tar.replace(at + 148, 8, octal(sum, 6) + std::string("\0 ", 2));
    }
    return tar;
}

void check_outside() {
    const Folders& the = folders();
    struct stat info {};
    auto count = [](const std::string& path) {
        return std::distance(fs::directory_iterator(path), {});
    };
    must(count(the.outside.path()) == 2 && count(the.victim) == 1);
    must(::lstat((the.victim + "/file").c_str(), &info) == 0);
    must(S_ISREG(info.st_mode) && info.st_nlink == 1 && info.st_size == 9);
    must((info.st_mode & 07777) == 0600 && info.st_uid == ::geteuid());
}

void check_inside() {
    for (const auto& entry : fs::recursive_directory_iterator(folders().root)) {
        must(!entry.path().filename().string().starts_with(".wh."));
        must(::lgetxattr(entry.path().c_str(), "trusted.overlay.redirect",
                         nullptr, 0) < 0);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    bool choose = size != 0 && data[0] % 4 != 0;
    remove_tree(folders().root);
    fs::create_directory(folders().root);
    try {
        unpack_layer(source_from(choose ? chosen(bytes.substr(1))
                                        : repaired(std::string(bytes))),
                     folders().root,
                     {.most_bytes = 1 << 20, .most_entries = 200});
    } catch (const Error& error) {
        must(!error.message().empty() && error.message().size() < 8192);
        for (char c : error.message()) must(c != '\x1b' && c != '\n');
    }
    check_outside();
    check_inside();
    return 0;
}
