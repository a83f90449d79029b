package engine

type want string
type after string
