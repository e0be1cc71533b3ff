#include "common/exec.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

#include "common/ledger.hpp"
#include "common/program_variable.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

bool is_executable_file(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
}

void add_names_in(const std::string& folder, std::vector<std::string>& names) {
    std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(folder.c_str()),
                                            ::closedir);
    if (!dir) return;
    while (dirent* entry = ::readdir(dir.get())) names.push_back(entry->d_name);
}

std::vector<std::string> folders_of(
    const std::vector<std::string>& environment) {
    return split(environment_value(environment, "PATH"), ':');
}

Error command_missing(const std::string& name,
                      const std::vector<std::string>& folders) {
    std::size_t slash = name.rfind('/');
    std::vector<std::string> names;
    std::string typed = name, prefix;
    if (slash != std::string::npos) {
        prefix = name.substr(0, slash + 1);
        typed = name.substr(slash + 1);
        add_names_in(prefix, names);
    } else {
        for (const std::string& folder : folders) add_names_in(folder, names);
    }
    std::string guess = nearest(typed, names);
    std::string advice = cat("looked in PATH=", join(folders, ":"));
    if (!guess.empty())
        advice = cat("did you mean ", prefix, guess, "?");
    else if (slash != std::string::npos)
        advice = cat("look into it with ls ", prefix.empty() ? "." : prefix);
    if (name.starts_with('-'))
        advice = cat("options of ours go before the root filesystem; ", advice);
    return Error(ErrorKind::NotFound, cat("command not found: ", quote(name)))
        .advise(advice)
        .exit_with(exit_command_missing);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    // execve(2) takes char* for history's sake and writes nothing.
    for (const std::string& text : texts)
        result.push_back(
            const_cast<char*>(text.c_str()));  // NOLINT(*-const-cast)
    result.push_back(nullptr);
    return result;
}

}  // namespace

std::string find_program(const std::string& name,
                         const std::vector<std::string>& environment) {
    if (name.empty())
        throw Error(ErrorKind::InvalidArgument, "the command is empty")
            .exit_with(exit_command_missing);
    std::vector<std::string> folders = folders_of(environment);
    if (name.find('/') != std::string::npos) {
        struct stat info {};
        if (::access(name.c_str(), F_OK) == 0) return name;
        int error = errno;
        bool missing = error == ENOENT || error == ENOTDIR;
        if (missing && ::lstat(name.c_str(), &info) != 0)
            throw command_missing(name, folders);
        throw explain_exec_failure(name, error);
    }
    std::string unusable;  // there is something, but it cannot be run
    for (const std::string& folder : folders) {
        std::string path = cat(folder.empty() ? "." : folder, "/", name);
        if (is_executable_file(path)) return path;
        struct stat info {};
        if (unusable.empty() && ::lstat(path.c_str(), &info) == 0 &&
            !S_ISDIR(info.st_mode))
            unusable = path;
    }
    if (!unusable.empty()) {
        bool there = ::access(unusable.c_str(), F_OK) == 0;
        throw explain_exec_failure(unusable, there ? EACCES : errno);
    }
    throw command_missing(name, folders);
}

void exec_program(const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment) {
    exec_file(find_program(arguments.at(0), environment), arguments,
              environment);
}

void exec_file(const std::string& path,
               const std::vector<std::string>& arguments,
               const std::vector<std::string>& environment) {
    std::vector<char*> argv = pointers(arguments), envp = pointers(environment);
    announce(Why{"become the command; what was set up above stays in force"},
             "execve", path,
             shown(argv.data(), cat("[", join(arguments, " "), "]")));
    ::execve(path.c_str(), argv.data(), envp.data());
    throw explain_exec_failure(path, errno);
}

std::string own_path() {
    char self[PATH_MAX];
    ssize_t length =
        check(::readlink("/proc/self/exe", self, sizeof self - 1), "who am I");
    self[length] = '\0';
    // The file may have been started by a way that has no name any more; then
    // who did that has left it. What is believed is the file, not the variable.
    struct stat named {
    }, running{};
    const char* left = std::getenv(program_variable);
    bool has_name =
        ::stat(self, &named) == 0 && ::stat("/proc/self/exe", &running) == 0 &&
        named.st_ino == running.st_ino && named.st_dev == running.st_dev;
    return !has_name && left && *left ? left : self;
}

std::string program_beside(std::string_view name) {
    std::string self = own_path();
    return cat(self.substr(0, self.rfind('/') + 1), name);
}

void become_beside(std::string_view name, char** argv) {
    std::string path = program_beside(name);
    ::execv(path.c_str(), argv);
    int error = errno;
    std::string self = own_path();
    throw Error(kind_of_errno(error), cat("start ", path), error)
        .advise(cat("it belongs into the folder of ",
                    self.substr(self.rfind('/') + 1)));
}

}  // namespace slipway
