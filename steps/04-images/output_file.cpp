#include "04-images/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// A rename would put a file in the place of /dev/null.
bool must_stay(const std::string& path) {
    struct stat about {};
    return ::lstat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode);
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
    if (!path_.empty() && path_ != "-") {
        if (must_stay(path_))
            file_.reset(
                check(::open(path_.c_str(),
                             O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644),
                      "open ", path_));
        else
            make_temporary();
    } else if (::isatty(STDOUT_FILENO) != 0) {
        throw Error(ErrorKind::InvalidArgument,
                    "standard output is a terminal, no place for a tar")
            .advise("name a file with -o, or send it on with > or |");
    }
}

// Its name is nobody else's: two may write to one path at once, and the last
// one counts. Not mkstemp(3), which asks for mode 0600 and not for the umask.
void OutputFile::make_temporary() {
    constexpr int most = 100;
    std::string name;
    for (int attempt = 0; attempt < most && !file_; ++attempt) {
        name = cat(path_, ".", ::getpid(), ".", attempt, ".part");
        file_.reset(::open(name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
        if (!file_ && errno != EEXIST) break;
    }
    check(file_.get(), "create ", name);
    temporary_ = std::move(name);
}

OutputFile::~OutputFile() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

ByteSink OutputFile::sink() {
    int fd = file_ ? file_.get() : STDOUT_FILENO;
    return [fd](std::string_view bytes) { write_all(fd, bytes); };
}

void OutputFile::finish() {
    if (temporary_.empty()) return;
    // Without fsync the rename may reach the disk before the bytes do.
    check(::fsync(file_.get()), "fsync ", temporary_);
    check(::rename(temporary_.c_str(), path_.c_str()), "rename to ", path_);
    temporary_.clear();
}

void write_output_file(const std::string& path, std::string_view text) {
    OutputFile file(path == "-" ? "./-" : path);
    file.sink()(text);
    file.finish();
}

}  // namespace slipway
