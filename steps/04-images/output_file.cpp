#include "04-images/output_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway {

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
    if (!path_.empty() && path_ != "-") {
        temporary_ = path_ + ".part";
        file_.reset(
            check(::open(temporary_.c_str(),
                         O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644),
                  "create ", temporary_));
    } else if (::isatty(STDOUT_FILENO) != 0) {
        throw Error(ErrorKind::InvalidArgument,
                    "standard output is a terminal, no place for a tar")
            .advise("name a file with -o, or send it on with > or |");
    }
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
    check(::rename(temporary_.c_str(), path_.c_str()), "rename to ", path_);
    temporary_.clear();
}

}  // namespace slipway
