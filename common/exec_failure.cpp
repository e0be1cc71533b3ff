// Why execve() said no. The kernel answers with one errno for many causes:
// ENOENT also when the file is there and its loader is not. So the file is
// read here as the kernel read it: its #! line, or its ELF header.
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "common/exec.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

namespace {

struct Machine {
    int number;
    const char* name;
};
constexpr Machine machines[] = {
    {EM_X86_64, "x86-64"},  {EM_386, "32-bit x86"}, {EM_AARCH64, "arm64"},
    {EM_ARM, "32-bit ARM"}, {EM_RISCV, "RISC-V"},   {EM_PPC64, "POWER"},
    {EM_S390, "IBM Z"},     {EM_MIPS, "MIPS"},      {EM_LOONGARCH, "LoongArch"},
};
#if defined(__x86_64__)
constexpr int own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr int own_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr int own_machine = EM_RISCV;
#else
constexpr int own_machine = EM_NONE;
#endif

std::string machine_name(int number) {
    for (const Machine& machine : machines)
        if (machine.number == number) return machine.name;
    return cat("machine ", number);
}

// Up to `size` bytes at `offset`; fewer at the end of the file.
std::string bytes_at(int fd, std::uint64_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    ssize_t count = ::pread(fd, bytes.data(), size, static_cast<off_t>(offset));
    bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return bytes;
}

template <class Record>
std::optional<Record> record_at(int fd, std::uint64_t offset) {
    std::string bytes = bytes_at(fd, offset, sizeof(Record));
    if (bytes.size() < sizeof(Record)) return std::nullopt;
    Record record;
    ::memcpy(&record, bytes.data(), sizeof record);
    return record;
}

// The dynamic loader that an ELF file asks for, or "" for a static program.
template <class FileHeader, class ProgramHeader>
std::string elf_loader(int fd) {
    auto file = record_at<FileHeader>(fd, 0);
    if (!file) return {};
    for (unsigned i = 0; i < file->e_phnum; ++i) {
        auto entry = record_at<ProgramHeader>(
            fd, file->e_phoff + std::uint64_t{i} * file->e_phentsize);
        if (!entry) return {};
        if (entry->p_type != PT_INTERP) continue;
        constexpr std::size_t longest = 4096;  // PATH_MAX
        if (entry->p_filesz > longest) return {};
        std::string name = bytes_at(fd, entry->p_offset, entry->p_filesz);
        return name.substr(0, name.find('\0'));
    }
    return {};
}

struct Interpreter {
    std::string path;
    bool from_script = false;
};

// What the kernel would have started in order to start `fd`.
Interpreter interpreter_of(int fd) {
    constexpr std::size_t longest_line = 256;  // BINPRM_BUF_SIZE
    std::string start = bytes_at(fd, 0, longest_line);
    if (start.starts_with("#!")) {
        std::string line = start.substr(2, start.find('\n') - 2);
        std::size_t first = line.find_first_not_of(" \t");
        if (first == std::string::npos) return {};
        std::size_t last = line.find_first_of(" \t", first);
        return {line.substr(first, last - first), true};
    }
    if (!start.starts_with(ELFMAG) || start.size() <= EI_CLASS) return {};
    if (start[EI_CLASS] == ELFCLASS64)
        return {elf_loader<Elf64_Ehdr, Elf64_Phdr>(fd)};
    return {elf_loader<Elf32_Ehdr, Elf32_Phdr>(fd)};
}

Error missing_interpreter(const std::string& path, const Interpreter& what) {
    Error error(ErrorKind::NotFound,
                cat("cannot run ", path, ": ",
                    what.from_script ? "the interpreter of its #! line, "
                                     : "its dynamic loader, ",
                    quote(what.path), ", does not exist here"));
    if (what.path.ends_with('\r'))
        error.set_advice(
            "the #! line ends in a carriage return: convert the file to Unix "
            "line ends (sed -i 's/\\r$//' FILE)");
    else if (what.from_script)
        error.set_advice(cat("install ", what.path,
                             " in the root filesystem, or correct the line"));
    else
        error.set_advice(
            "copy the loader and the libraries that ldd lists into the root "
            "filesystem, or link the program with -static");
    return std::move(error).exit_with(exit_command_missing);
}

Error wrong_format(const std::string& path, int fd) {
    std::string start = bytes_at(fd, 0, sizeof(Elf32_Ehdr));
    Error error(ErrorKind::Unsupported, cat("cannot run ", path), ENOEXEC);
    auto header = record_at<Elf32_Ehdr>(fd, 0);
    if (start.empty())
        error.set_advice("the file is empty");
    else if (!start.starts_with(ELFMAG) || !header)
        error.set_advice(
            "it is no program for this kernel; a script needs a first line "
            "such as #!/bin/sh");
    else if (header->e_machine != own_machine)
        error.set_advice(cat("it is a program for ",
                             machine_name(header->e_machine),
                             ", this machine is ", machine_name(own_machine)));
    else
        error.set_advice("its ELF header is damaged");
    return error;
}

Error not_allowed(const std::string& path, int error_number) {
    Error error(ErrorKind::Forbidden, cat("cannot run ", path), error_number);
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0)
        error.set_advice(
            "a folder of its path may not be searched by this "
            "user");
    else if (S_ISDIR(info.st_mode))
        error.set_advice("it is a folder");
    else if (!S_ISREG(info.st_mode))
        error.set_advice("it is no regular file");
    else if ((info.st_mode & 0111) == 0)
        error.set_advice(cat("it is not executable: chmod +x ", path));
    else
        error.set_advice(
            "its mode, or the file system it is on (noexec), forbids it to "
            "this user");
    return error;
}

// A link that points nowhere: common in roots that were copied by hand.
Error broken_link(const std::string& path, const std::string& target,
                  int error) {
    return Error(
               kind_of_errno(error),
               cat("cannot run ", path, ", a symbolic link to ", quote(target)),
               error)
        .advise(
            "absolute links are resolved inside the root filesystem: is "
            "its target there?")
        .exit_with(exit_command_missing);
}

}  // namespace

Error explain_exec_failure(const std::string& path, int error) {
    char target[4096];
    ssize_t length = ::readlink(path.c_str(), target, sizeof target);
    if (length > 0 && (error == ENOENT || error == ELOOP) &&
        ::access(path.c_str(), F_OK) != 0)
        return broken_link(
            path, std::string(target, static_cast<std::size_t>(length)), error);
    // A FIFO would keep us waiting for somebody who writes.
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if ((error == ENOENT || error == ENOTDIR) && fd) {
        Interpreter interpreter = interpreter_of(fd.get());
        if (!interpreter.path.empty())
            return missing_interpreter(path, interpreter);
    }
    if (error == ENOEXEC && fd)
        return wrong_format(path, fd.get()).exit_with(exit_cannot_run);
    if (error == EACCES || error == EPERM)
        return not_allowed(path, error).exit_with(exit_cannot_run);
    bool missing = error == ENOENT || error == ENOTDIR;
    return Error(kind_of_errno(error), cat("cannot run ", path), error)
        .exit_with(missing ? exit_command_missing : exit_cannot_run);
}

}  // namespace slipway
