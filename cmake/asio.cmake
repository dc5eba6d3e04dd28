# Boost.Asio and Boost.Beast, compiled once. Everything that includes either links this target, because the
# definitions must be the same in every translation unit of a program.

add_library(menshen_asio STATIC ${PROJECT_SOURCE_DIR}/proxy/net/asio_impl.cpp)
target_link_libraries(menshen_asio PUBLIC menshen_options Boost::headers OpenSSL::SSL OpenSSL::Crypto)
target_compile_definitions(menshen_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED
  # Coroutine frames are recycled per thread; an exchange has more of them alive than Asio's default of two.
  BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=16)
