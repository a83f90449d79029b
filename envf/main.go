package main
import ("fmt";"os";"strings";"time";"slices")
func main() { e := os.Environ(); slices.Sort(e); for _, v := range e { if strings.HasPrefix(v, "T_") { fmt.Printf("%q\n", v) } }; fmt.Println("END"); time.Sleep(time.Hour) }
