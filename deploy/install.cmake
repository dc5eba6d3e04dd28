# Runs at `cmake --install`: man page and completions come from the program that is installed, so that they
# say what it does; the systemd unit names the place where it is.
set(root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")

# generate(FILE ARGUMENT...): what the program prints.
function(generate file)
  execute_process(COMMAND ${menshen} ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE "${root}/${file}" "${text}")
  message(STATUS "Installing: ${root}/${file}")
endfunction()

generate(${man_folder}/menshen.1 manual)
generate(${share_folder}/bash-completion/completions/menshen completion bash)
generate(${share_folder}/zsh/vendor-completions/_menshen completion zsh)

set(bin "${CMAKE_INSTALL_PREFIX}/${bin_folder}")
configure_file(${sources}/systemd/menshen.service.in "${root}/lib/systemd/system/menshen.service" @ONLY)
configure_file(${sources}/systemd/menshen.sysusers "${root}/lib/sysusers.d/menshen.conf" COPYONLY)
message(STATUS "Installing: ${root}/lib/systemd/system/menshen.service")
