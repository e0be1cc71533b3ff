#include "common/exec.hpp"

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;
namespace fs = std::filesystem;

namespace {

struct Folder {
    TempDir dir{"exec"};
    std::vector<std::string> environment{"PATH=" + dir.path()};

    std::string put(const std::string& name, const std::string& bytes,
                    mode_t mode = 0755) {
        std::string path = dir.path() + "/" + name;
        std::ofstream(path) << bytes;
        ::chmod(path.c_str(), mode);
        return path;
    }
    Error error_of(const std::string& command) {
        try {
            exec_program({command}, environment);
        } catch (const Error& error) {
            return error;
        }
    }
};

// A dynamic ELF program of the given machine, whose loader is `loader`.
std::string elf(const std::string& loader, int machine) {
    Elf64_Ehdr file{};
    std::memcpy(file.e_ident, ELFMAG, SELFMAG);
    file.e_ident[EI_CLASS] = ELFCLASS64;
    file.e_ident[EI_DATA] = ELFDATA2LSB;
    file.e_ident[EI_VERSION] = EV_CURRENT;
    file.e_type = ET_EXEC;
    file.e_machine = static_cast<Elf64_Half>(machine);
    file.e_version = EV_CURRENT;
    file.e_phoff = sizeof file;
    file.e_phentsize = sizeof(Elf64_Phdr);
    file.e_phnum = 1;
    Elf64_Phdr interpreter{};
    interpreter.p_type = PT_INTERP;
    interpreter.p_offset = sizeof file + sizeof interpreter;
    interpreter.p_filesz = loader.size() + 1;
    std::string bytes(reinterpret_cast<char*>(&file), sizeof file);
    bytes.append(reinterpret_cast<char*>(&interpreter), sizeof interpreter);
    return bytes + loader + '\0';
}

#if defined(__x86_64__)
constexpr int own = EM_X86_64, foreign = EM_AARCH64;
constexpr const char* foreign_name = "arm64";
#else
constexpr int own = EM_AARCH64, foreign = EM_X86_64;
constexpr const char* foreign_name = "x86-64";
#endif

}  // namespace

TEST_CASE("the environment is a list of assignments") {
    std::vector<std::string> environment = {"A=1", "AB=2"};
    CHECK(environment_value(environment, "A") == "1");
    CHECK(environment_value(environment, "B").empty());
    set_environment(environment, "A=3");
    set_environment(environment, "C=");
    CHECK(environment == std::vector<std::string>{"A=3", "AB=2", "C="});
}

TEST_CASE("find_program goes along PATH and takes the first that can run") {
    Folder folder;
    fs::create_directories(folder.dir.path() + "/one");
    fs::create_directories(folder.dir.path() + "/two");
    std::string plain = folder.put("one/tool", "x", 0644);
    std::string good = folder.put("two/tool", "x");
    fs::create_directory(folder.dir.path() + "/one/folder");
    folder.environment = {"PATH=" + folder.dir.path() +
                          "/one:" + folder.dir.path() + "/two"};
    CHECK(find_program("tool", folder.environment) == good);
    CHECK(find_program(plain, folder.environment) == plain);
    CHECK(folder.error_of("folder").exit_code() == exit_command_missing);
}

TEST_CASE("a missing command is 127 and suggests the nearest name") {
    Folder folder;
    folder.put("true", "x");
    Error error = folder.error_of("tru");
    CHECK(error.exit_code() == 127);
    CHECK(error.message() == "command not found: \"tru\"");
    CHECK(error.advice() == "did you mean true?");
    error = folder.error_of(folder.dir.path() + "/tru");
    CHECK(error.exit_code() == 127);
    CHECK(error.advice() == "did you mean " + folder.dir.path() + "/true?");
    CHECK(folder.error_of("").exit_code() == 127);
    CHECK_THAT(folder.error_of("--rm").advice(),
               ContainsSubstring("go before the root"));
}

TEST_CASE("a file that cannot be run is 126 and says why") {
    Folder folder;
    fs::create_directory(folder.dir.path() + "/folder");
    folder.put("plain", "x", 0644);
    folder.put("empty", "");
    folder.put("noline", "echo hello\n");
    folder.put("foreign", elf("/lib/ld.so", foreign));
    ::mkfifo((folder.dir.path() + "/fifo").c_str(), 0755);
    using Case = std::pair<std::string, std::string>;
    auto [name, advice] =
        GENERATE(Case{"/folder", "it is a folder"}, Case{"/plain", "chmod +x"},
                 Case{"/fifo", "no regular file"}, Case{"/empty", "empty"},
                 Case{"/noline", "#!/bin/sh"}, Case{"/foreign", foreign_name});
    INFO(name);
    Error error = folder.error_of(folder.dir.path() + name);
    CHECK(error.exit_code() == 126);
    CHECK_THAT(error.advice(), ContainsSubstring(advice));
}

TEST_CASE("a missing interpreter is 127 and is named") {
    Folder folder;
    folder.put("script", "#! /no/such/python -u\nprint()\n");
    Error error = folder.error_of("script");
    CHECK(error.exit_code() == 127);
    CHECK_THAT(error.message(), ContainsSubstring("\"/no/such/python\"") &&
                                    ContainsSubstring("#! line"));
}

TEST_CASE("a #! line with a carriage return is recognised") {
    Folder folder;
    folder.put("dos", "#!/bin/sh\r\necho hello\r\n");
    Error error = folder.error_of("dos");
    CHECK_THAT(error.message(), ContainsSubstring("/bin/sh\\r"));
    CHECK_THAT(error.advice(), ContainsSubstring("carriage return"));
}

TEST_CASE("a missing dynamic loader is 127 and is named") {
    Folder folder;
    folder.put("dynamic", elf("/lib/no-such-ld.so.9", own));
    Error error = folder.error_of("dynamic");
    CHECK(error.exit_code() == 127);
    CHECK_THAT(error.message(),
               ContainsSubstring("dynamic loader, \"/lib/no-such-ld.so.9\""));
    CHECK_THAT(error.advice(), ContainsSubstring("-static"));
}

TEST_CASE("a damaged ELF file is an error, not a crash") {
    Folder folder;
    std::string whole = elf("/lib/x", own);
    std::string bytes = whole.substr(0, GENERATE(4, 16, 63, 64, 100, 120));
    folder.put("cut", bytes);
    Error error = folder.error_of("cut");
    CHECK((error.exit_code() == 126 || error.exit_code() == 127));
}

TEST_CASE("a link that leads nowhere says where it should lead") {
    Folder folder;
    fs::create_symlink("/no/busybox", folder.dir.path() + "/sh");
    fs::create_symlink("loop", folder.dir.path() + "/loop");
    for (const char* name : {"sh", "loop"}) {
        Error error = folder.error_of(name);
        CHECK(error.exit_code() == 127);
        CHECK_THAT(error.message(), ContainsSubstring("symbolic link to"));
        CHECK(folder.error_of(folder.dir.path() + "/" + name).message() ==
              error.message());
    }
}
